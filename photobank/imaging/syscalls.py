"""A seccomp filter: what the decoding process may still ask of the kernel once it is ready for strangers' bytes.

An allowlist. Everything else fails with EPERM: opening any file, making any socket, starting any program or process. So whoever
takes the process over through a decoder's bug holds the pictures that pass through it, two pipes and the memory that pictures come in,
and nothing else of this machine.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
from dataclasses import dataclass

SECCOMP_SET_MODE_FILTER = 1
SECCOMP_FILTER_FLAG_TSYNC = 1  # all threads, also those that the libraries have started already
ALLOW, DENY, ABSENT = 0x7FFF0000, 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS
LOAD, EQUAL, ANY_BIT, AT_LEAST, RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16  # where they lie in what a filter is shown (little-endian)
CLONE_THREAD = 0x10000
X32 = 0x40000000


@dataclass(frozen=True, slots=True)
class Machine:
    """A processor family: how the kernel calls it, the number of `seccomp` and of every call by name."""

    audit: int
    seccomp: int
    calls: dict[str, int]


# Reading and writing what is open, memory, threads, time, signals to oneself, the end.
_X86_64 = {
    "read": 0, "write": 1, "close": 3, "fstat": 5, "poll": 7, "lseek": 8, "mmap": 9, "mprotect": 10, "munmap": 11, "brk": 12,
    "rt_sigaction": 13, "rt_sigprocmask": 14, "rt_sigreturn": 15, "pread64": 17, "readv": 19, "writev": 20, "sched_yield": 24,
    "mremap": 25, "madvise": 28, "nanosleep": 35, "getpid": 39, "exit": 60, "getrusage": 98, "sysinfo": 99, "times": 100,
    "sigaltstack": 131, "gettid": 186, "futex": 202, "sched_getaffinity": 204, "restart_syscall": 219, "clock_gettime": 228,
    "clock_getres": 229, "clock_nanosleep": 230, "exit_group": 231, "ppoll": 271, "set_robust_list": 273, "getcpu": 309,
    "getrandom": 318, "membarrier": 324, "rseq": 334,
}  # fmt: skip
_AARCH64 = {
    "read": 63, "write": 64, "close": 57, "fstat": 80, "lseek": 62, "mmap": 222, "mprotect": 226, "munmap": 215, "brk": 214,
    "rt_sigaction": 134, "rt_sigprocmask": 135, "rt_sigreturn": 139, "pread64": 67, "readv": 65, "writev": 66, "sched_yield": 124,
    "mremap": 216, "madvise": 233, "nanosleep": 101, "getpid": 172, "exit": 93, "getrusage": 165, "sysinfo": 179, "times": 153,
    "sigaltstack": 132, "gettid": 178, "futex": 98, "sched_getaffinity": 123, "restart_syscall": 128, "clock_gettime": 113,
    "clock_getres": 114, "clock_nanosleep": 115, "exit_group": 94, "ppoll": 73, "set_robust_list": 99, "getcpu": 168,
    "getrandom": 278, "membarrier": 283, "rseq": 293,
}  # fmt: skip
_CLONE, _CLONE3, _TGKILL, _PRLIMIT = (
    {"x86_64": 56, "aarch64": 220},
    435,
    {"x86_64": 234, "aarch64": 131},
    {"x86_64": 302, "aarch64": 261},
)
MACHINES = {"x86_64": Machine(0xC000003E, 317, _X86_64), "aarch64": Machine(0xC00000B7, 277, _AARCH64)}


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def allow_only_decoding() -> bool:
    """Install the filter for good, on all threads. False where this kernel or processor has none; needs NO_NEW_PRIVS."""
    machine = MACHINES.get(platform.machine())
    libc = ctypes.CDLL(None, use_errno=True)
    if machine is None or not hasattr(libc, "prctl"):
        return False
    code = program(platform.machine(), os.getpid())
    given = _Program(len(code) // 8, code)
    done = libc.syscall(machine.seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, ctypes.byref(given))
    return bool(done == 0)


def program(name: str, own_pid: int) -> bytes:
    """The filter in the kernel's (classic BPF) code."""
    machine = MACHINES[name]
    code = [
        _step(LOAD, ARCHITECTURE),
        _step(EQUAL, machine.audit, 1, 0),
        _step(RETURN, DENY),
        _step(LOAD, NUMBER),
        _step(AT_LEAST, X32, 0, 1),
        _step(RETURN, DENY),
        _step(EQUAL, _CLONE3, 0, 1),
        _step(RETURN, ABSENT),  # its flags lie in memory where no filter sees them; the C library then uses clone
        *_when(_CLONE[name], ANY_BIT, CLONE_THREAD),  # threads, no processes
        *_when(_TGKILL[name], EQUAL, own_pid),  # abort()
        *_when(_PRLIMIT[name], EQUAL, 0),  # allow_cpu(), on oneself
    ]
    for number in machine.calls.values():
        code += [_step(EQUAL, number, 0, 1), _step(RETURN, ALLOW)]
    return b"".join([*code, _step(RETURN, DENY)])


def _when(number: int, test: int, value: int) -> list[bytes]:
    """Allow a call when its first argument passes a test."""
    return [
        _step(EQUAL, number, 0, 4),
        _step(LOAD, FIRST_ARGUMENT),
        _step(test, value, 0, 1),
        _step(RETURN, ALLOW),
        _step(RETURN, DENY),
    ]


def _step(operation: int, value: int, when_true: int = 0, when_false: int = 0) -> bytes:
    return struct.pack("=HBBI", operation, when_true, when_false, value)
