"""What a file says about itself: read, cleaned, bounded; broken parts are absent and break nothing else."""

from __future__ import annotations

import io
import math
import struct
import time
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from photobank.imaging import metadata, moments
from photobank.imaging.decode import Source
from photobank.imaging.exif import Exif, of_tiff
from photobank.imaging.iptc import Iptc
from photobank.imaging.sniff import Kind
from photobank.imaging.xmp import Xmp

RDF = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">{}</rdf:RDF></x:xmpmeta>'
)


def exif(main: dict[int, Any] | None = None, detail: dict[int, Any] | None = None, gps: dict[int, Any] | None = None) -> bytes:
    block = Image.Exif()
    for tag, value in (main or {}).items():
        block[tag] = value
    for ifd, tags in ((0x8769, detail), (0x8825, gps)):
        if tags:
            block[ifd] = tags
    return block.tobytes()


def xmp(properties: str, namespaces: str = "") -> bytes:
    names = 'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" '
    return RDF.format(f"<rdf:Description {names}{namespaces}>{properties}</rdf:Description>").encode()


def read(exif_block: bytes = b"", packet: bytes = b"", iptc_block: bytes = b"", **more: Any) -> dict[str, Any]:
    return metadata.read(
        Source(
            b"", Kind.jpeg, more.pop("width", 400), more.pop("height", 300), exif=exif_block, xmp=packet, iptc=iptc_block, **more
        )
    )


def test_the_usual_fields() -> None:
    found = read(
        exif({0x010F: "Canon", 0x0110: "EOS R6", 0x010E: "In de tuin"}, {0x829A: 0.004, 0x829D: 2.8, 0x8827: 200, 0x9209: 25})
    )
    assert found["metadata"] == {
        "caption": "In de tuin",
        "camera": {"make": "Canon", "model": "EOS R6"},
        "exposure": {"seconds": 0.004, "f_number": 2.8, "iso": 200, "flash": True},
    }


def tiff(big: int = 0) -> bytes:
    """A TIFF with tags of its own; `big` bytes of one that nobody reads lie between them."""
    block = exif(
        {0x010F: "Canon", 0x8298: "Lelie", **({37724: b"\0" * big} if big else {})},
        {0x829D: 2.8, 0x9003: "2024:05:06 07:08:09"},
        {1: "N", 2: (52.0, 5.0, 24.0), 3: "E", 4: (5.0, 7.0, 12.0)},
    )
    out = io.BytesIO()
    Image.new("RGB", (40, 30)).save(out, "TIFF", exif=block)
    return out.getvalue()


@pytest.mark.parametrize("big", [0, 9_000_000])
@pytest.mark.parametrize("wrap", [bytes, bytearray, memoryview])
def test_a_tiff_carries_them_itself(big: int, wrap: Any) -> None:
    found = read(of_tiff(wrap(tiff(big))))
    assert found["metadata"] == {"camera": {"make": "Canon"}, "exposure": {"f_number": 2.8}, "copyright": "Lelie"}
    assert found["gps"] == pytest.approx((52.09, 5.12))
    assert found["taken"] == ("2024-05-06T07:08:09", "exif_original")


def test_a_directory_that_asks_for_more_than_there_is_gives_what_it_has() -> None:
    whole = tiff(9_000_000)
    for cut in (len(whole) // 2, 4000, 200, 9, 3):
        read(of_tiff(whole[:cut]))


def test_a_directory_that_names_itself_a_thousand_times_is_read_once() -> None:
    entries = [
        struct.pack("<HHII", 0x8769 if at % 2 else at + 1, 4 if at % 2 else 7, 1 if at % 2 else 60_000, 8) for at in range(512)
    ]
    bomb = b"II*\0\x08\0\0\0" + struct.pack("<H", 512) + b"".join(entries) + bytes(60_000)
    tracemalloc.start()
    began = time.process_time()
    read(of_tiff(bomb))
    assert tracemalloc.get_traced_memory()[1] < 40_000_000
    assert time.process_time() - began < 5
    tracemalloc.stop()


def test_utf8_in_exif_is_read_as_such() -> None:
    written = "Crémieux 名前".encode()
    block = exif({0x010E: "#" * len(written)}).replace(b"#" * len(written), written)
    assert read(block)["metadata"]["caption"] == "Crémieux 名前"


def test_xmp_comes_before_iptc_and_exif() -> None:
    title = "<dc:title><rdf:Alt><rdf:li xml:lang='nl'>Nee</rdf:li><rdf:li xml:lang='x-default'>Ja</rdf:li></rdf:Alt></dc:title>"
    words = "<dc:subject><rdf:Bag><rdf:li>tuin</rdf:li><rdf:li>feest</rdf:li><rdf:li>tuin</rdf:li></rdf:Bag></dc:subject>"
    found = read(packet=xmp(title + words, 'xmp:Rating="4"'), iptc_block=iptc({5: b"IPTC", 25: b"krant"}))["metadata"]
    assert (found["title"], found["keywords"], found["rating"]) == ("Ja", ["tuin", "feest", "krant"], 4)


def iptc(records: dict[int, bytes]) -> bytes:
    return b"8BIM\x04\x04\0\0\0\0\0\0" + b"".join(bytes([0x1C, 2, n]) + len(v).to_bytes(2, "big") + v for n, v in records.items())


def test_control_characters_and_overrides_are_gone() -> None:
    assert metadata.clean("a\0b\x07c\u202egpj\u2069\nd\ud800 ") == "abcgpj\nd"


def test_lengths_and_numbers_are_bounded() -> None:
    words = "".join(f"<rdf:li>{n}{'x' * 1000}</rdf:li>" for n in range(450))
    found = read(exif({0x010E: "y" * 60_000}), xmp(f"<dc:subject><rdf:Bag>{words}</rdf:Bag></dc:subject>"))["metadata"]
    assert len(found["caption"]) == metadata.LONG
    assert len(found["keywords"]) == metadata.MAX_KEYWORDS
    assert max(map(len, found["keywords"])) == metadata.SHORT


@pytest.mark.parametrize(
    "packet",
    [
        b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>',
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>',
        b"<x>" * 30_000,
        b"not xml",
        b"<a" + b" " * 2_000_000 + b"/>",
        b"\xff\xfe<\0a\0",
        b'<?xml version="1.0" encoding="no-such"?><x/>',
    ],
    ids=["entity", "external", "deep", "words", "big", "utf16", "encoding"],
)
def test_hostile_xmp_is_empty(packet: bytes) -> None:
    assert read(packet=packet) == {"metadata": {}, "gps": None, "taken": None}


@pytest.mark.parametrize(
    ("gps", "place"),
    [
        ({1: "N", 2: (52.0, 5.0, 24.0), 3: "E", 4: (5.0, 7.0, 12.0)}, (52.09, 5.12)),
        ({1: "S", 2: (33.0, 51.0, 0.0), 3: "W", 4: (70.0, 30.0, 0.0)}, (-33.85, -70.5)),
        ({1: "N", 2: (0.0, 0.0, 0.0), 3: "E", 4: (0.0, 0.0, 0.0)}, None),
        ({1: "N", 2: (99.0, 0.0, 0.0), 3: "E", 4: (5.0, 0.0, 0.0)}, None),
        ({1: "N", 2: (52.0, 0.0, 0.0), 3: "E", 4: (999.0, 0.0, 0.0)}, None),
        ({2: (52.0, 5.0, 24.0), 4: (5.0, 7.0, 12.0)}, None),
        ({1: "N", 2: (52.0, 5.0, 24.0)}, None),
        ({}, None),
    ],
)
def test_positions(gps: dict[int, Any], place: tuple[float, float] | None) -> None:
    found = read(exif(gps=gps))["gps"]
    assert found is None if place is None else found == pytest.approx(place, abs=1e-6)


def test_a_position_in_xmp_counts_too() -> None:
    names = 'xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude="52,5.4N" exif:GPSLongitude="5,7.2W"'
    assert read(packet=xmp("", names))["gps"] == pytest.approx((52.09, -5.12))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024:05:06 07:08:09", "2024-05-06T07:08:09"),
        ("2024-05-06T07:08:09.5Z", "2024-05-06T07:08:09.500000+00:00"),
        ("2024-05-06", "2024-05-06T00:00:00"),
        ("0000:00:00 00:00:00", None),
        ("    :  :     :  :  ", None),
        ("2024:13:01 00:00:00", None),
        ("2024:02:30 00:00:00", None),
        ("1066:10:14 09:00:00", None),
        ("9999:99:99 99:99:99", None),
        ("", None),
        ("yesterday", None),
    ],
)  # fmt: skip
def test_dates(text: str, moment: str | None) -> None:
    parsed = moments.parse(text)
    assert (parsed.isoformat() if parsed else None) == moment


def test_the_offset_beside_the_time_counts() -> None:
    assert read(exif({}, {0x9003: "2024:05:06 07:08:09", 0x9011: "+05:30"}))["taken"] == (
        "2024-05-06T07:08:09+05:30",
        "exif_original",
    )


def test_the_satellites_tell_the_offset() -> None:
    taken = read(exif({}, {0x9003: "2024:05:06 07:08:09"}, {0x1D: "2024:05:06", 7: (5.0, 8.0, 30.0)}))["taken"]
    assert taken == ("2024-05-06T07:08:09+02:00", "exif_original")


def test_the_order_of_dates() -> None:
    assert read(exif({0x0132: "2024:01:01 00:00:00"}))["taken"] is None  # when it was last saved is not when it was taken
    assert read(exif({}, {0x9004: "2023:01:01 10:00:00"}), xmp("", 'xmp:CreateDate="2020-01-01"'))["taken"][1] == "exif_created"
    assert read(exif({}, {0x9003: "0000:00:00 00:00:00"}), xmp("", 'xmp:CreateDate="2020-01-01"'))["taken"][1] == "xmp"
    assert read(iptc_block=iptc({55: b"20200102", 60: b"101112+0100"}))["taken"] == ("2020-01-02T10:11:12+01:00", "iptc")


def test_a_region_turns_with_the_picture() -> None:
    def boxes(orientation: int, width: int, height: int) -> list[dict[str, Any]]:
        names = 'xmlns:r="http://www.metadataworkinggroup.com/schemas/regions/" xmlns:a="http://ns.adobe.com/xmp/sType/Area#" '
        names += 'xmlns:d="http://ns.adobe.com/xap/1.0/sType/Dimensions#"'
        area = '<r:Area a:x="0.2" a:y="0.3" a:w="0.2" a:h="0.2"/>'
        regions = (
            '<r:Regions rdf:parseType="Resource"><r:AppliedToDimensions d:w="400" d:h="300"/><r:RegionList><rdf:Bag>'
            f'<rdf:li><rdf:Description r:Name="Anna" r:Type="Face">{area}</rdf:Description></rdf:li>'
            "</rdf:Bag></r:RegionList></r:Regions>"
        )
        source = {"orientation": orientation, "width": width, "height": height}
        found: list[dict[str, Any]] = read(packet=xmp(regions, names), **source)["metadata"]["regions"]
        return found

    box = {"width": 0.2, "height": 0.2, "name": "Anna", "type": "Face"}
    assert boxes(1, 400, 300) == [{"left": 0.1, "top": 0.2, **box}]
    assert boxes(6, 400, 300) == [{"left": 0.6, "top": 0.1, **box}]
    assert boxes(8, 400, 300) == [{"left": 0.2, "top": 0.7, **box}]
    assert boxes(6, 300, 400) == [{"left": 0.1, "top": 0.2, **box}]  # drawn on the upright picture already


@given(st.binary(max_size=600))
def test_any_bytes_are_survived(data: bytes) -> None:
    Iptc(data).texts(25)
    Xmp(data).texts("{http://purl.org/dc/elements/1.1/}subject")
    found = Exif(b"Exif\0\0II*\0\x08\0\0\0" + data)
    place = found.position()
    assert place is None or all(map(math.isfinite, place))
    read(b"Exif\0\0MM\0*\0\0\0\x08" + data, data, data)
    read(of_tiff(b"II*\0\x08\0\0\0" + data))
