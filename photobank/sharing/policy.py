"""What a share allows by its own terms: time, networks, sizes. Pure; consent and the sender's rights are decided elsewhere, each time."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from photobank.delivery.presets import BUILT_IN, ORIGINAL, Preset
from photobank.imaging.renditions import STANDARD
from photobank.kernel.errors import Invalid
from photobank.models.shares import Share

MOST_NETWORKS = 50
SMALLEST_CAP, LARGEST_CAP = 480, 20_000
FOR_OUTSIDERS = (BUILT_IN[ORIGINAL], BUILT_IN["web"])
"""Channels are for who publishes; outsiders get the photo, whole."""
SCREENS = {size.name: size.side for size in STANDARD}


class Standing(StrEnum):
    """Whether a share can be opened, as far as its own terms go."""

    open = "open"
    spent = "spent"
    expired = "expired"
    ended = "ended"


def standing(share: Share, now: datetime) -> Standing:
    """Where the share stands at a moment."""
    if share.revoked_at is not None:
        return Standing.ended
    if share.ends_at is not None and share.ends_at <= now:
        return Standing.expired
    if share.view_limit is not None and share.views >= share.view_limit:
        return Standing.spent
    if share.file_limit is not None and share.files >= share.file_limit:
        return Standing.spent
    return Standing.open


def networks(texts: Sequence[str]) -> list[str]:
    """Networks as people write them, in CIDR notation; raises Invalid."""
    if len(texts) > MOST_NETWORKS:
        raise Invalid("too many networks", fields={"addresses": "errors.networks"})
    try:
        return [str(ipaddress.ip_network(text.strip(), strict=False)) for text in texts if text.strip()]
    except ValueError:
        raise Invalid("no network", fields={"addresses": "errors.networks"}) from None


def within(share: Share, address: str) -> bool:
    """May the share be opened from this address. One that cannot be read is in no network."""
    if not share.addresses:
        return True
    try:
        found: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return any(found in ipaddress.ip_network(network) for network in share.addresses)


def coarse(address: str) -> str:
    """The network that an address is in: enough to tell visitors apart and places from one another, and no more."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return str(ipaddress.ip_network((found, 24 if found.version == 4 else 48), strict=False))


def device(user_agent: str) -> str:
    """What kind of thing looks: a phone, a tablet or a computer."""
    text = user_agent.lower()
    if "ipad" in text or "tablet" in text:
        return "tablet"
    return "phone" if "mobi" in text or "iphone" in text or "android" in text else "computer"


def screens(share: Share) -> dict[str, int]:
    """Sizes that the page may show, smallest first, with their longest side."""
    cap = share.largest_side
    return {name: side for name, side in SCREENS.items() if cap is None or side <= cap}


def offered(share: Share) -> list[Preset]:
    """What may be taken, largest first: nothing, or what is no larger than the cap; the original only as it is, uncapped."""
    if not share.may_download:
        return []
    cap, whole = share.largest_side, share.largest_side is None and not share.watermark and not share.redacted
    fitting = [preset for preset in FOR_OUTSIDERS if (whole if preset.as_it_came else cap is None or preset.side <= cap)]
    return sorted(fitting, key=lambda preset: (not preset.as_it_came, -preset.side))
