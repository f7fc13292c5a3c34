"""Which regions count as EU/EEA: those that are known to, and no others."""

import pytest

from photobank.blobs.region import EEA, check_region, in_eea
from photobank.kernel.errors import ConfigurationError


@pytest.mark.parametrize(
    "region",
    ["eu-west-2", "eu-central-2", "europe-west2", "europe-west6", "uksouth", "switzerlandnorth", "ch-gva-2", "eu-zurich-1"],
)
def test_london_and_switzerland_are_not_in_the_eea(region: str) -> None:
    assert not in_eea(region)


@pytest.mark.parametrize(
    "region",
    [
        "us-east-1",
        "",
        "eur5",
        "eu-nowhere-9",
        "aws:",
        ":eu-west-1",
        "moon:eu-west-1",
        "wasabi:eu-west-1",
        "aws:eu-west-2",
        "local-ish",
    ],
)
def test_what_is_not_known_is_outside(region: str) -> None:
    assert not in_eea(region)


@pytest.mark.parametrize(
    "region",
    ["local", "eu-central-1", " EU-West-1 ", "europe-west4", "westeurope", "norwayeast", "wasabi:eu-central-2", "fsn1", "nl-ams"],
)
def test_known_regions_are_inside(region: str) -> None:
    assert in_eea(region)
    check_region(region, allow_outside_eea=False)


def test_every_listed_region_is_inside_under_its_provider() -> None:
    assert all(in_eea(f"{provider}:{region}") for provider, regions in EEA.items() for region in regions)


def test_the_start_stops_with_a_sentence_unless_it_is_wanted() -> None:
    with pytest.raises(ConfigurationError, match="us-east-1"):
        check_region("us-east-1", allow_outside_eea=False)
    check_region("us-east-1", allow_outside_eea=True)
