"""What the Terraform files say, read as text: enough to hold them against the code without a provider."""

from __future__ import annotations

import re
from functools import cache

from infra.terraform_check import MODULE


@cache
def text(name: str) -> str:
    return (MODULE / name).read_text(encoding="utf-8")


def all_text() -> str:
    return "\n".join(text(path.name) for path in sorted(MODULE.glob("*.tf")))


def block(name: str, start: str) -> str:
    """What stands between the braces after ``start``, which stands in the file exactly once."""
    content = text(name)
    assert content.count(start) == 1, (name, start)
    begin = content.index("{", content.index(start))
    depth = 0
    for end, character in enumerate(content[begin:], begin):
        depth += {"{": 1, "}": -1}.get(character, 0)
        if depth == 0:
            return content[begin + 1 : end]
    raise AssertionError(f"{name}: {start} does not end")


def functions() -> dict[str, dict[str, str]]:
    """The table of functions.tf: name -> field -> text."""
    rows = re.findall(r"^\s*(\w+)\s*= \{ (public = .*) \}$", block("functions.tf", "\n  functions = {"), re.M)
    fields = r"(\w+) = (\[.*?\]|[^,]+)"
    return {name: dict(re.findall(fields, row)) for name, row in rows}


def lists(name: str, start: str) -> dict[str, list[str]]:
    """A map of lists of texts."""
    found = re.findall(r"^\s*(\w+)\s*= \[(.*?)\]$", block(name, start), re.M)
    return {key: re.findall(r'"([^"]+)"', values) for key, values in found}


def keys(name: str, start: str) -> set[str]:
    """The keys in capitals of a block of environment variables."""
    return set(re.findall(r"^\s*([A-Z][A-Z_]+)\s*=", block(name, start), re.M))
