"""The address a request came from, believing only as many proxies as the settings name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.datastructures import Headers


def client_ip(scope: Mapping[str, Any], trusted_proxies: int) -> str:
    """Address of the client. Each trusted proxy appends the one it saw, so the n-th from the right is the last we can believe."""
    client = scope.get("client")
    peer = str(client[0]) if client else ""
    if not trusted_proxies:
        return peer
    # Some proxies add a header line of their own and leave the client's standing in front of it: all lines count, in order.
    lines = Headers(scope=dict(scope)).getlist("x-forwarded-for")
    hops = [part.strip() for part in ",".join(lines).split(",") if part.strip()]
    return hops[-trusted_proxies] if len(hops) >= trusted_proxies else peer
