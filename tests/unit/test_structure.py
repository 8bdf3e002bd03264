"""The arrows of the architecture, read from the imports, and the size of files."""

from __future__ import annotations

import ast
import statistics
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CODE = ("shared", "functions", "infra", "tests")
#: What the domain may use besides the standard library: the table of time zone names, exact JSON.
DOMAIN_LIBRARIES = {"time_zones.py": {"tzlocal"}, "wire.py": {"simplejson"}}


def sources(folder: str) -> list[Path]:
    found = sorted(p for p in (ROOT / folder).rglob("*.py") if "node_modules" not in p.parts)
    assert found, folder
    return found


@cache
def imported(path: Path) -> frozenset[str]:
    """The modules that a file imports anywhere in it, also inside functions and for types only."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            package = node.module or ""
            if node.level:
                base = path.relative_to(ROOT).with_suffix("").parts[: -node.level]
                package = ".".join([*base, *([node.module] if node.module else [])])
            names |= {f"{package}.{alias.name}" for alias in node.names} | {package}
    return frozenset(names)


def offences(folder: str, *forbidden: str) -> list[str]:
    return [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sources(folder)
        for name in sorted(imported(path))
        if any(name == prefix or name.startswith(prefix + ".") for prefix in forbidden)
    ]


def outside(path: Path) -> Iterator[str]:
    """Top-level packages that are neither ours nor the standard library's."""
    for name in imported(path):
        top = name.split(".")[0]
        if top not in CODE and top not in sys.stdlib_module_names and top != "__future__":
            yield top


def test_imports_are_seen() -> None:
    """The reader of imports sees them all, or the rules below would hold for nothing."""
    assert "shared.domain.money.LARGEST_LINE" in imported(ROOT / "shared/domain/invoices.py")
    assert "shared.adapters.embedded.store" in imported(ROOT / "shared/bootstrap.py")
    assert "tests.xero_simulator.accounting.ledger" in imported(
        ROOT / "tests/xero_simulator/accounting/document_lines.py"
    )


def test_domain_is_pure() -> None:
    """The domain imports the domain and the standard library, and the two libraries that two files are about."""
    strangers = [
        f"{path.name} imports {name}"
        for path in sources("shared/domain")
        for name in outside(path)
        if name not in DOMAIN_LIBRARIES.get(path.name, set())
    ]
    assert strangers == []
    ours = [
        f"{path.name} imports {name}"
        for path in sources("shared/domain")
        for name in imported(path)
        if name.split(".")[0] in CODE and not f"{name}.".startswith("shared.domain.")
    ]
    assert [o for o in ours if not o.endswith("imports shared")] == []


def test_domain_does_no_input_or_output() -> None:
    """No network, files, processes or threads, and no clock of its own."""
    assert (
        offences("shared/domain", "socket", "requests", "os", "subprocess", "threading", "time", "sqlite3")
        == []
    )


def test_services_see_ports_only() -> None:
    """Use cases know neither adapters nor HTTP nor the wiring, and no library but the standard one."""
    assert (
        offences(
            "shared/services", "shared.adapters", "shared.http", "shared.bootstrap", "flask", "functions"
        )
        == []
    )
    assert {name for path in sources("shared/services") for name in outside(path)} == set()


def test_ports_know_the_domain_only() -> None:
    """A port that named an adapter would be none."""
    assert (
        offences("shared/ports", "shared.adapters", "shared.http", "shared.services", "shared.bootstrap")
        == []
    )


def test_adapters_know_neither_services_nor_http() -> None:
    """Adapters implement ports."""
    assert offences("shared/adapters", "shared.services", "shared.http", "shared.bootstrap", "flask") == []


def test_only_bootstrap_imports_adapters() -> None:
    """Within shared and functions, adapters are chosen in one place."""
    wired = [
        f"{path.relative_to(ROOT)} imports {name}"
        for folder in ("shared", "functions")
        for path in sources(folder)
        for name in imported(path)
        if name.startswith("shared.adapters") and "adapters" not in path.parts and path.name != "bootstrap.py"
    ]
    assert wired == []


def test_shared_never_looks_up() -> None:
    """Nothing in shared imports from functions, infra or tests."""
    assert offences("shared", "functions", "infra", "tests") == []


def test_functions_know_nothing_of_the_machine_they_run_on() -> None:
    """A function is the same in the cloud and on a laptop."""
    assert offences("functions", "infra", "tests") == []


def test_a_function_imports_no_other_function() -> None:
    """Each is deployed alone; only the description of the interface looks at all of them."""
    crossed = [
        offence
        for folder in sorted(p for p in (ROOT / "functions").iterdir() if (p / "main.py").is_file())
        for offence in offences(f"functions/{folder.name}", "functions")
        if not offence.split(" imports ")[1].startswith(("functions." + folder.name, "functions.__"))
        and not offence.endswith("imports functions")
    ]
    assert crossed == []


def test_the_simulator_inherits_nothing() -> None:
    """It imports nothing of ours: it must not repeat the product's mistakes."""
    assert offences("tests/xero_simulator", "shared", "functions", "infra") == []


@pytest.mark.parametrize("folder", ["shared", "functions", "infra"])
def test_files_are_small(folder: str) -> None:
    """Nobody has to read more than 400 lines to change one thing; half of the files have 120 or less."""
    sizes = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in sources(folder)}
    assert {str(path): size for path, size in sizes.items() if size > 400} == {}
    assert statistics.median(size for size in sizes.values() if size) <= 120


def test_every_module_says_what_it_is_for() -> None:
    """Each file with code begins with a docstring."""
    silent = [
        str(path.relative_to(ROOT))
        for folder in ("shared", "functions", "infra")
        for path in sources(folder)
        if path.read_text(encoding="utf-8").strip()
        and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert silent == []


def test_money_never_becomes_a_float() -> None:
    """No call of float() anywhere between the request and the wire."""
    calls = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for folder in ("shared/domain", "shared/services", "shared/http", "shared/adapters/xero", "functions")
        for path in sources(folder)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "float"
        # time, not money: when the keys were last fetched
        and path.name != "keys.py"
    ]
    assert calls == []
