"""Writes ``openapi.json`` anew from the functions' routes: ``python -m functions.console.describe``."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

from shared.http.app import App
from shared.http.openapi import describe

DESCRIBED = ("oauth", "contacts", "invoices", "settings", "records", "activity", "worker", "reconcile")
FILE = Path(__file__).with_name("openapi.json")


def description() -> dict[str, Any]:
    apps: list[App] = [importlib.import_module(f"functions.{name}.main").APP for name in DESCRIBED]
    return describe(apps)


def text() -> str:
    return json.dumps(description(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
