"""The local issuer's pages: whom to sign in as, and its few sentences. Plain HTML, no script."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from infra.local.staff import PEOPLE, PRACTICES

STYLE = """
:root { color-scheme: light dark; --ink: #17293a; --soft: #56697b; --line: #d5dee6; --card: #fff; --back: #f5f8fa;
  --accent: #0b5f8a }
@media (prefers-color-scheme: dark) { :root { --ink: #e3ebf2; --soft: #a3b4c4; --line: #33424f; --card: #1a2530;
  --back: #111a22; --accent: #6cc1ec } }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0; background: var(--back); color: var(--ink) }
main { margin: 0 auto; max-width: 46rem; padding: 3rem 1.25rem }
h1 { font-size: 1.6rem; margin: 0 0 .5rem } h2 { font-size: 1rem; margin: 2rem 0 .5rem }
p, small { color: var(--soft) } a { color: var(--accent) }
button { font: inherit; cursor: pointer; color: inherit; background: var(--card); border: 1px solid var(--line);
  border-radius: .6rem }
button:hover { border-color: var(--accent) }
button:focus-visible { outline: 3px solid var(--accent); outline-offset: 1px }
.people { display: grid; gap: .6rem; grid-template-columns: repeat(auto-fit, minmax(12rem, 1fr)) }
.people button { text-align: left; padding: .8rem 1rem } .people small { display: block }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .6rem .5rem;
  border-bottom: 1px solid var(--line) }
td:last-child, .number { text-align: right } td button { padding: .35rem .8rem }
"""


def page(title: str, body: str) -> str:
    """A whole page; ``body`` is HTML whose texts are escaped already."""
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
            f'<h2>{escape(title)}</h2><form method="post" action="/authorize">{hidden}'
            f'<div class="people">{buttons}</div></form>'
        )
    note = "<p>These people are made up and need no password. This page exists only on your own machine.</p>"
    return page("Sign in to Clinic Ledger", note + "".join(sections))


def signed_out() -> str:
    return page("Signed out", "<p>You can close this page.</p>")


def refusal(sentence: str) -> str:
    """Shown instead of sending the browser anywhere when the request itself is not acceptable."""
    return page("This sign-in link does not work", f"<p>{escape(sentence)}</p>")
