"""How much of a patient goes to Xero where the practice has not said: by the organisation's country, with the reason.

A practice's own choice always counts. These are starting points, not legal advice; ``docs/privacy.md`` says so too.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PrivacyDefault:
    mode: str
    reason: str  # a sentence for a person


#: EU and EEA, and Switzerland, whose law follows the same principle.
_EUROPE = (
    "AT BE BG CH CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK".split()
)
_MINIMAL = (
    "data protection law asks for no more than is needed (GDPR, articles 5 and 9), and who is treated where is health "
    "data; initials and the clinic's code are enough to tell invoices apart"
)
_NOT_CONNECTED = PrivacyDefault("full", "no organisation is connected yet, and nothing is sent")
_ELSEWHERE = PrivacyDefault(
    "initials",
    "what this country's law asks for is not known here, and less can be made more but never taken back",
)
_BY_COUNTRY = {
    "AU": PrivacyDefault(
        "full", "an invoice that a patient claims from Medicare or a health fund has to name the patient"
    ),
    "NZ": PrivacyDefault(
        "full", "an invoice that a patient claims from ACC or an insurer has to name the patient"
    ),
    "US": PrivacyDefault(
        "code",
        "HIPAA lets a patient's details go only to who has signed a business associate agreement; none with Xero "
        "is assumed",
    ),
    **dict.fromkeys(["GB", *_EUROPE], PrivacyDefault("initials", _MINIMAL)),
}


def default_privacy(country: str | None) -> PrivacyDefault:
    """``country``: ISO 3166 of the connected organisation, None while there is none, "" when it is not known."""
    return _NOT_CONNECTED if country is None else _BY_COUNTRY.get(country, _ELSEWHERE)
