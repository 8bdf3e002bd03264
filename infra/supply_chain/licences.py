"""Licences of packages: as SPDX expressions, which ones are allowed, and the list for people."""

from __future__ import annotations

import re
from importlib import metadata
from typing import Any

Bill = dict[str, Any]
#: Permissive ones, and MPL-2.0 (certifi's list of authorities), which asks something of its own files only.
ALLOWED = {
    "0BSD", "AFL-2.1", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MIT-0", "MPL-2.0",
    "PSF-2.0", "Unlicense",
}  # fmt: skip
#: How packages older than SPDX expressions say it, in ``License`` or in a classifier.
SPELT = {
    "Apache 2": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "3-Clause BSD License": "BSD-3-Clause",
    "MIT License": "MIT",
    "MIT license": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
#: "BSD License" says not which one; read in the package's own licence file.
READ = {
    "itsdangerous": "BSD-3-Clause",
    "jinja2": "BSD-3-Clause",
    "pyasn1-modules": "BSD-2-Clause",
    "colorama": "BSD-3-Clause",  # on Windows only, so it is not installed where this is made
}


def licence_of(package: str) -> str | None:
    """The SPDX expression of an installed package; None when it says nothing that can be relied on."""
    if package in READ:
        return READ[package]
    try:
        about = metadata.metadata(package)
    except metadata.PackageNotFoundError:
        return None
    classifiers = [
        each.rpartition(" :: ")[2] for each in about.get_all("Classifier", []) if "License" in each
    ]
    named = [str(about[field]) for field in ("License-Expression", "License") if field in about]
    for said in (*named, *classifiers):
        expression: str = SPELT.get(said, said)
        if _names(expression) and _names(expression) <= ALLOWED:
            return expression
    return None


def not_allowed(bill: Bill) -> list[str]:
    """``name version: licence`` of each component without an allowed licence."""
    return [
        f"{component['name']} {component['version']}: {said(component) or 'no licence named'}"
        for component in bill["components"]
        if not _allowed(said(component))
    ]


def said(component: dict[str, Any]) -> str:
    kinds = component.get("licenses", [])
    return " AND ".join(each.get("expression") or each["license"].get("id", "?") for each in kinds)


def table(bills: dict[str, Bill]) -> str:
    """Markdown: every package of what runs, with its licence."""
    lines = ["# Licences of what runs", "", "Made by `make sbom`; tests and tools are not among them.", ""]
    for name, bill in bills.items():
        lines += [f"## {name.capitalize()}", "", "| package | version | licence |", "| --- | --- | --- |"]
        lines += [
            f"| {each['name']} | {each['version']} | {said(each) or '?'} |"
            for each in sorted(bill["components"], key=lambda each: str(each["name"]))
        ]
        lines.append("")
    return "\n".join(lines)


def _allowed(expression: str) -> bool:
    """One of the alternatives will do; of what is joined by AND, each must."""
    parts = re.split(r"\s+AND\s+", expression)
    return bool(expression) and all(_names(part) & ALLOWED for part in parts)


def _names(expression: str) -> set[str]:
    return set(re.findall(r"[\w.+-]+", expression)) - {"AND", "OR", "WITH"}
