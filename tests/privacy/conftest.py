"""Seals are made here too, with the shorter key of the tests of consents."""

from tests.consents.conftest import _small_seal

__all__ = ["_small_seal"]
