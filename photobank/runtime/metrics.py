"""Counters for Prometheus, shared by all processes of one machine. Labels come from our own vocabulary, never from people.

Import it only after PROMETHEUS_MULTIPROC_DIR is settled (supervisor and launcher do so): the client library decides at import.
"""

from __future__ import annotations

import os

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client import values as _values
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_REQUEST_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_JOB_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)

REQUESTS = Counter("photobank_http_requests_total", "Requests answered.", ["method", "area", "status"])
REQUEST_SECONDS = Histogram("photobank_http_request_seconds", "Time to answer.", ["method", "area"], buckets=_REQUEST_BUCKETS)
JOBS = Counter("photobank_jobs_total", "Jobs ended.", ["job", "outcome"])
JOB_SECONDS = Histogram("photobank_job_seconds", "Time a job took.", ["job"], buckets=_JOB_BUCKETS)
UPLOADS = Counter("photobank_uploads_total", "Uploads ended.", ["outcome"])
UPLOAD_BYTES = Counter("photobank_upload_bytes_total", "Bytes taken in.")
REFUSALS = Counter("photobank_refusals_total", "Refusals, by error code.", ["code"])
SOCKETS = Gauge("photobank_open_sockets", "Open screens.", multiprocess_mode="livesum")
PUSHES = Counter("photobank_pushes_total", "Messages sent to open screens.", ["kind"])


def render() -> bytes:
    """All counters of all processes, in Prometheus' text form."""
    if shared_folder() is None:
        return generate_latest()
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


def shared_folder() -> str | None:
    """Where processes share their counters; None when each keeps its own."""
    return os.environ.get("PROMETHEUS_MULTIPROC_DIR") if _values.ValueClass.__name__ == "MmapedValue" else None


def forget_process(pid: int) -> None:
    """A process ended: its open sockets are no more."""
    if shared_folder() is not None:
        mark_process_dead(pid)  # type: ignore[no-untyped-call]
