"""Does a storage region lie in the EU or EEA? The lists name what is known to; everything else does not.

A region is written as its provider writes it, or as `provider:region`. Without a provider, a name that several use is read as
Amazon's, as most S3 servers do. London, Zürich and Geneva are not in the EEA, however European their regions' names sound.
"""

from __future__ import annotations

from photobank.kernel.errors import ConfigurationError

LOCAL = "local"


def _set(names: str) -> frozenset[str]:
    return frozenset(names.split())


EEA: dict[str, frozenset[str]] = {
    "aws": _set("eu-central-1 eu-west-1 eu-west-3 eu-north-1 eu-south-1 eu-south-2 eusc-de-east-1"),
    "gcs": _set(
        "eu eur4 europe-central2 europe-north1 europe-north2 europe-southwest1 europe-west1 europe-west3 europe-west4 "
        "europe-west8 europe-west9 europe-west10 europe-west12"
    ),
    "azure": _set(
        "northeurope westeurope austriaeast belgiumcentral denmarkeast francecentral francesouth germanynorth "
        "germanywestcentral italynorth norwayeast norwaywest polandcentral spaincentral swedencentral swedensouth"
    ),
    "scaleway": _set("fr-par nl-ams pl-waw it-mil"),
    "ovh": _set("gra rbx sbg de waw eu-west-par eu-south-mil"),
    "hetzner": _set("fsn1 nbg1 hel1"),
    "exoscale": _set("at-vie-1 at-vie-2 bg-sof-1 de-fra-1 de-muc-1 hr-zag-1"),
    "oracle": _set(
        "eu-amsterdam-1 eu-frankfurt-1 eu-frankfurt-2 eu-madrid-1 eu-madrid-2 eu-marseille-1 eu-milan-1 eu-paris-1 eu-stockholm-1"
    ),
    "backblaze": _set("eu-central-003"),
    "wasabi": _set("eu-central-1 eu-central-2 eu-west-2 eu-south-1"),
    "cloudflare": _set("eu"),
}
# Names that one provider uses for a place in the EEA and another for one outside need the provider written out.
_PLAIN = {region: provider for provider in reversed(EEA) if provider != "wasabi" for region in EEA[provider]}


def in_eea(region: str) -> bool:
    """Whether the region is known to lie in the EU or EEA. `local` is where the house itself runs, so its keeper's to know."""
    name = region.strip().casefold()
    if name == LOCAL:
        return True
    provider, colon, place = name.partition(":")
    return place in EEA.get(provider, frozenset()) if colon else name in _PLAIN


def check_region(region: str, *, allow_outside_eea: bool) -> None:
    """Raise ConfigurationError unless photos may lie there."""
    if not allow_outside_eea and not in_eea(region):
        raise ConfigurationError(
            f"The storage region {region!r} is not known to lie in the EU/EEA. "
            "Choose one that does, or set PHOTOBANK_ALLOW_OUTSIDE_EEA if the organisation has a ground for it."
        )
