"""The local issuer's one page: whom to sign in as. Plain HTML, no script."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from infra.local.staff import PEOPLE, PRACTICES

STYLE = """
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 42rem; padding: 1.5rem; color: #1c2733; }
h1 { font-size: 1.4rem } h2 { font-size: 1.1rem; margin-top: 2rem }
button { font: inherit; display: block; width: 100%; text-align: left; margin: .5rem 0; padding: .75rem 1rem;
  border: 1px solid #8796a5; border-radius: .5rem; background: #fff; color: inherit; cursor: pointer }
button:hover, button:focus-visible { border-color: #0b5cad; outline: 2px solid #0b5cad }
button small { display: block; color: #4a5a6a }
"""


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )


def choose_person(request: Mapping[str, str]) -> str:
    """One button per person and practice; ``request`` is handed on in hidden fields."""
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in request.items()
    )
    sections = []
    for practice, title in PRACTICES.items():
        buttons = "".join(
            f'<button name="sign_in_as" value="{practice}/{person.id}">{escape(person.name)}'
            f"<small>{escape(person.does)}</small></button>"
            for person in PEOPLE
        )
        sections.append(
            f'<h2>{escape(title)}</h2><form method="post" action="/authorize">{hidden}{buttons}</form>'
        )
    note = "<p>These people are made up and need no password. This page exists only on your own machine.</p>"
    return _page("Sign in to Clinic Ledger", note + "".join(sections))


def refusal(sentence: str) -> str:
    """Shown instead of sending the browser anywhere when the request itself is not acceptable."""
    return _page("This sign-in link does not work", f"<p>{escape(sentence)}</p>")
