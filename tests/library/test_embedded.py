"""What a file says of itself fills fields that nobody has filled, and overwrites nothing that people wrote."""

from __future__ import annotations

import io

from PIL import Image

from photobank.delivery import showing
from photobank.library import assets, processing, uploads
from photobank.library.assets import Description
from photobank.library.incoming import OnDuplicate

XMP = b"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"
 photoshop:Credit="Beeldbank" photoshop:City="Leiden" photoshop:DateCreated="2026-06-01T10:20:30+02:00">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">Open dag</rdf:li></rdf:Alt></dc:title>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">Bezoekers in de tuin</rdf:li></rdf:Alt></dc:description>
<dc:creator><rdf:Seq><rdf:li>Bram de Wit</rdf:li></rdf:Seq></dc:creator>
<dc:subject><rdf:Bag><rdf:li>tuin</rdf:li><rdf:li>zomer</rdf:li></rdf:Bag></dc:subject>
</rdf:Description></rdf:RDF></x:xmpmeta>"""


async def _pieces(data):
    yield data


async def test_empty_fields_are_filled_and_written_ones_left(cast):
    out = io.BytesIO()
    Image.radial_gradient("L").convert("RGB").save(out, "JPEG", xmp=XMP)
    sent = _pieces(out.getvalue())
    done = await uploads.receive(
        cast.container, cast.bob, sent, filename="a.jpg", folder_id=cast.shared, on_duplicate=OnDuplicate.keep
    )
    async with cast.scope(cast.bob) as scope:
        await assets.edit(scope, done.asset.id, Description(caption="Onze eigen woorden"))
    await processing.decode(cast.container, done.asset.id)
    async with cast.scope(cast.bob) as scope:
        asset = await assets.find(scope, done.asset.id)
        known = await showing.embedded(scope, done.asset.id)
    assert (asset.title, asset.caption, asset.credit) == ("Open dag", "Onze eigen woorden", "Beeldbank")
    assert asset.photographer == "Bram de Wit"
    assert asset.taken_at.isoformat() == "2026-06-01T08:20:30+00:00"
    assert known.camera["keywords"] == ["tuin", "zomer"]
    assert known.camera["place"] == {"city": "Leiden"}
