"""What the person at the terminal reads when the stack is up."""

from __future__ import annotations

from infra.local.settings import ROOT, Settings


def text(settings: Settings) -> str:
    """Where to look and what to try; the commands can be copied as they are."""
    books = f"{settings.simulator_url}/_simulator/tenants"
    xero = f"simulated; its organisations: {books}" if settings.simulated else "Xero itself"
    return f"""
Clinic Ledger is running.

  Start here   {settings.base_url}/
  Connect      {settings.issuer_url}/connect?practice=demo  (in a browser, as the owner; also other, thames)
  API          {settings.base_url}/openapi.json
  Xero         {xero}
  State        {settings.state_dir}  (`make reset` clears it)

Try it (in another terminal, in {ROOT}):

  TOKEN=$({_token_command(settings)} --practice demo --role reception)
  curl -H "Authorization: Bearer $TOKEN" {settings.base_url}/xero/connections/status/
  curl -H "Authorization: Bearer $TOKEN" -d '{{"appointment_id": "apt-1001"}}' \
    {settings.base_url}/xero/invoices/create_invoice/
  curl -H "Authorization: Bearer $TOKEN" {settings.base_url}/xero/invoices/apt-1001/

The first answers whether Xero is connected, the second sends an appointment, the third shows its invoice.
Ctrl-C stops everything.
"""


def _token_command(settings: Settings) -> str:
    """With the variables that differ from their defaults, so that the token is this stack's."""
    usual = Settings()
    chosen = {
        "PORT": (settings.port, usual.port),
        "SIMULATOR_PORT": (settings.simulator_port, usual.simulator_port),
        "ISSUER_PORT": (settings.issuer_port, usual.issuer_port),
        "STATE_DIR": (settings.state_dir, usual.state_dir),
    }
    variables = [f"{name}={value}" for name, (value, default) in chosen.items() if value != default]
    return " ".join([*variables, ".venv/bin/python -m infra.local token"])
