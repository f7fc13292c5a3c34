"""`make bench`: runs every module beside this one that has a `main()`, each in a process of its own, and prints their JSON lines.

`python -m benchmarks blob faces` runs only the modules whose name holds one of these words.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
FIELDS = {"name", "ours", "peer", "peer_name", "ratio", "unit"}
LONGEST_SECONDS = 900


def modules(words: list[str]) -> list[str]:
    """The benchmark modules to run, in order of name."""
    found = sorted(file.stem for file in HERE.glob("*.py") if not file.stem.startswith("_") and "def main(" in file.read_text())
    return [name for name in found if not words or any(word in name for word in words)]


def run(name: str) -> bool:
    """Run one; its JSON lines go to stdout, whatever else it says to stderr. True when it printed at least one line."""
    sys.stderr.write(f"# {name}\n")
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{name}"],
        cwd=HERE.parent,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        timeout=LONGEST_SECONDS,
    )
    printed = 0
    for line in done.stdout.splitlines():
        try:
            complete = set(json.loads(line)) >= FIELDS
        except (ValueError, TypeError):
            complete = False
        if complete:
            print(line, flush=True)
            printed += 1
        else:
            sys.stderr.write(line + "\n")
    return done.returncode == 0 and printed > 0


def main() -> None:
    """Run them all; exit 1 when one of them failed or printed nothing."""
    failed = [name for name in modules(sys.argv[1:]) if not run(name)]
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
