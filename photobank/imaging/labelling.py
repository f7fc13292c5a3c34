"""What is written into a picture that leaves: whose it is, what it may be used for and until when, what that rests on. IPTC and PLUS.

XMP carries everything, in the properties of the IPTC Photo Metadata Standard and of PLUS; a JPEG says the essence again in the records
that older programs read (IPTC-IIM). Nothing is copied from the original's metadata: what is not written here is not in the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from photobank.imaging.metadata import clean
from photobank.imaging.recipe import Label

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
META = "adobe:ns:meta/"
DC = "http://purl.org/dc/elements/1.1/"
RIGHTS = "http://ns.adobe.com/xap/1.0/rights/"
PHOTOSHOP = "http://ns.adobe.com/photoshop/1.0/"
PLUS = "http://ns.useplus.org/ldf/xmp/1.0/"
VOCABULARY = "http://ns.useplus.org/ldf/vocab/"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
PREFIXES = {"x": META, "rdf": RDF, "dc": DC, "xmpRights": RIGHTS, "photoshop": PHOTOSHOP, "plus": PLUS}
PACKET = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>', '<?xpacket end="r"?>'
LONGEST, IIM_SHORT, IIM_LONG = 2000, 32, 256


class Releases(StrEnum):
    """What the people on the photo allowed, in the terms of PLUS."""

    not_applicable = "MR-NAP"
    """Nobody recognisable is on it."""
    limited = "MR-LMR"
    """There are permissions, for stated uses: those of this house never cover everything."""


class Mining(StrEnum):
    """Whether machines may learn from the picture, in the terms of PLUS."""

    prohibited = "DMI-PROHIBITED"
    but_for_search = "DMI-PROHIBITED-EXCEPTSEARCHENGINEINDEXING"


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a picture says of itself."""

    owner: str
    terms: str
    download_id: UUID
    releases: Releases
    mining: Mining
    consents: Sequence[str] = ()
    ends: datetime | None = None
    title: str = ""
    creators: Sequence[str] = ()
    credit: str = ""
    copyright: str = ""


def label(statement: Statement) -> Label:
    """The statement as it is put into a file."""
    return Label(xmp=_packet(statement), iim=_records(statement))


def _packet(said: Statement) -> str:
    for prefix, name in PREFIXES.items():
        register_namespace(prefix, name)
    root = Element(f"{{{META}}}xmpmeta")
    about = SubElement(SubElement(root, f"{{{RDF}}}RDF"), f"{{{RDF}}}Description", {f"{{{RDF}}}about": ""})
    _list(about, DC, "creator", "Seq", said.creators)
    _translated(about, DC, "title", said.title)
    _translated(about, DC, "rights", said.copyright or said.owner)
    _one(about, RIGHTS, "Marked", "True")
    _translated(about, RIGHTS, "UsageTerms", said.terms)
    _list(about, RIGHTS, "Owner", "Bag", [said.owner])
    _one(about, PHOTOSHOP, "Credit", said.credit)
    _one(about, PHOTOSHOP, "Instructions", said.terms)
    _one(about, PHOTOSHOP, "TransmissionReference", said.download_id.hex)
    _one(about, PLUS, "ModelReleaseStatus", VOCABULARY + said.releases)
    _list(about, PLUS, "ModelReleaseID", "Bag", said.consents)
    _one(about, PLUS, "DataMining", VOCABULARY + said.mining)
    _translated(about, PLUS, "OtherConstraints", said.terms)
    if said.ends is not None:
        _one(about, PLUS, "LicenseEndDate", said.ends.astimezone(UTC).isoformat(timespec="seconds"))
    return PACKET[0] + tostring(root, encoding="unicode") + PACKET[1]


def _one(about: Element, space: str, name: str, value: str) -> None:
    if value := clean(value, LONGEST):
        SubElement(about, f"{{{space}}}{name}").text = value


def _list(about: Element, space: str, name: str, kind: str, values: Sequence[str]) -> None:
    if kept := [text for value in values if (text := clean(value, LONGEST))]:
        holder = SubElement(SubElement(about, f"{{{space}}}{name}"), f"{{{RDF}}}{kind}")
        for value in kept:
            SubElement(holder, f"{{{RDF}}}li").text = value


def _translated(about: Element, space: str, name: str, value: str) -> None:
    if value := clean(value, LONGEST):
        holder = SubElement(SubElement(about, f"{{{space}}}{name}"), f"{{{RDF}}}Alt")
        SubElement(holder, f"{{{RDF}}}li", {XML_LANG: "x-default"}).text = value


def _records(said: Statement) -> bytes:
    return b"".join(_record(number, value) for number, value in _numbered(said))


def _numbered(said: Statement) -> Iterator[tuple[tuple[int, int], bytes]]:
    yield (1, 90), b"\x1b%G"  # what follows is UTF-8
    yield (2, 0), b"\x00\x04"
    for number, value, size in (
        (5, said.title, 64),
        (40, said.terms, IIM_LONG),
        *((80, creator, IIM_SHORT) for creator in said.creators),
        (103, said.download_id.hex, IIM_SHORT),
        (110, said.credit, IIM_SHORT),
        (116, said.copyright or said.owner, 128),
    ):
        if text := _cut(clean(value), size):
            yield (2, number), text
    if said.ends is not None:
        ends = said.ends.astimezone(UTC)
        yield (2, 37), ends.strftime("%Y%m%d").encode()
        yield (2, 38), ends.strftime("%H%M%S+0000").encode()


def _cut(text: str, size: int) -> bytes:
    return text.encode()[:size].decode("utf-8", "ignore").rstrip().encode()


def _record(number: tuple[int, int], value: bytes) -> bytes:
    return b"\x1c" + bytes(number) + len(value).to_bytes(2, "big") + value
