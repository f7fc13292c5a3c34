"""XMP packets: parsed without DTDs or entities, within a size, and asked for single properties."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

MAX_PACKET = 1 << 20
MAX_ELEMENTS = 20_000
MAX_ITEMS = 500
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
DC = "{http://purl.org/dc/elements/1.1/}"
XMP = "{http://ns.adobe.com/xap/1.0/}"
PHOTOSHOP = "{http://ns.adobe.com/photoshop/1.0/}"
EXIF = "{http://ns.adobe.com/exif/1.0/}"
IPTC_CORE = "{http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/}"
IPTC_EXT = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}"
DIGIKAM = "{http://www.digikam.org/ns/1.0/}"
MWG = "{http://www.metadataworkinggroup.com/schemas/regions/}"
AREA = "{http://ns.adobe.com/xmp/sType/Area#}"
DIMENSIONS = "{http://ns.adobe.com/xap/1.0/sType/Dimensions#}"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


class Xmp:
    """The properties of one packet. A packet that is broken, hostile or too big is an empty one."""

    def __init__(self, packet: bytes) -> None:
        self._nodes: list[Element] = []
        packet = packet.strip(b"\0 \t\r\n")
        if not packet or len(packet) > MAX_PACKET or packet.count(b"<") > MAX_ELEMENTS:
            return
        try:
            root = fromstring(packet, forbid_dtd=True)
        except (ParseError, DefusedXmlException, ValueError, LookupError):
            return
        self._nodes = list(root.iter(f"{RDF}Description"))

    def text(self, name: str) -> str:
        """The one value of a property; of translations, the default one."""
        for node in self._nodes:
            if value := node.get(name):
                return value
            for child in node.findall(name):
                items = list(_items(child))
                default = [item for item in items if item.get(LANGUAGE) == "x-default"]
                value = _text((default or items or [child])[0])
                if value:
                    return value
        return ""

    def texts(self, name: str) -> list[str]:
        """All values of a bag or list."""
        for node in self._nodes:
            if value := node.get(name):
                return [value]
            for child in node.findall(name):
                values = [text for item in _items(child) if (text := _text(item))]
                return values or [text for text in [_text(child)] if text]
        return []

    def regions(self) -> Iterator[dict[str, str]]:
        """MWG face regions as written: fields of name, type and area, and the size they were drawn on."""
        for node in self._nodes:
            for block in node.findall(f"{MWG}Regions"):
                size = {f"applied_{key}": value for key, value in _fields(block, f"{MWG}AppliedToDimensions", DIMENSIONS).items()}
                for listing in _structures(block, f"{MWG}RegionList"):
                    for item in _items(listing):
                        nested = item.find(f"{RDF}Description")
                        region = item if nested is None else nested
                        area = _fields(region, f"{MWG}Area", AREA)
                        if area:
                            yield {**size, **area, "name": _field(region, f"{MWG}Name"), "type": _field(region, f"{MWG}Type")}


def _items(node: Element) -> Iterator[Element]:
    count = 0
    for kind in ("Bag", "Seq", "Alt"):
        for listing in node.findall(f"{RDF}{kind}"):
            for item in listing.findall(f"{RDF}li"):
                count += 1
                if count > MAX_ITEMS:
                    return
                yield item


def _text(node: Element) -> str:
    return (node.text or "").strip() or node.get(f"{RDF}resource", "")


def _structures(node: Element, name: str) -> Iterator[Element]:
    for parent in (node, *node.findall(f"{RDF}Description")):
        yield from parent.findall(name)


def _field(node: Element, name: str) -> str:
    value = node.get(name)
    if value is None:
        child = node.find(name)
        value = "" if child is None else _text(child)
    return value


def _fields(node: Element, name: str, namespace: str) -> dict[str, str]:
    """The simple fields of a structure, written as attributes, as elements, or inside a nested description."""
    found: dict[str, str] = {}
    for block in _structures(node, name):
        for holder in (block, *block.findall(f"{RDF}Description")):
            found.update({key[len(namespace) :]: value for key, value in holder.attrib.items() if key.startswith(namespace)})
            found.update({child.tag[len(namespace) :]: _text(child) for child in holder if child.tag.startswith(namespace)})
    return found
