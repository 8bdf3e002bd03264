"""Xero's time zone names lead to zones that this machine knows."""

from __future__ import annotations

import pytest

from shared.domain.time_zones import RETIRED, iana_name
from shared.domain.times import zone
from tests.simulator.xero_description import description


@pytest.mark.parametrize(
    ("xero", "iana"),
    [
        ("AUSEASTERNSTANDARDTIME", "Australia/Sydney"),
        ("EAUSTRALIASTANDARDTIME", "Australia/Brisbane"),
        ("WAUSTRALIASTANDARDTIME", "Australia/Perth"),
        ("CENAUSTRALIASTANDARDTIME", "Australia/Adelaide"),
        ("TASMANIASTANDARDTIME", "Australia/Hobart"),
        ("NEWZEALANDSTANDARDTIME", "Pacific/Auckland"),
        ("GMTSTANDARDTIME", "Europe/London"),
        ("UTC", "Etc/UTC"),
        ("UTC11", "Etc/GMT+11"),
    ],
)
def test_the_zones_of_clinics(xero: str, iana: str) -> None:
    """The countries whose clinics use Xero most."""
    assert iana_name(xero) == iana


def test_unknown_and_missing_names() -> None:
    """None, so that the caller falls back on purpose rather than on a wrong zone."""
    assert iana_name("MOONSTANDARDTIME") is None
    assert iana_name(None) is None
    assert iana_name("") is None


def test_retired_names_are_still_known() -> None:
    """Microsoft dropped them; an organisation may still carry one."""
    for name in RETIRED:
        assert zone(str(iana_name(name)))


def test_every_name_in_xeros_description() -> None:
    """Each name of the published enumeration leads to a zone of the IANA database."""
    names: list[str] = description().document["components"]["schemas"]["TimeZone"]["enum"]
    assert len(names) > 100
    assert [name for name in names if iana_name(name) is None] == []
    for name in names:
        assert zone(str(iana_name(name))).key
