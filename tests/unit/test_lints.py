"""Rules of this code that no linter has: each looks at the syntax of every file, and each has seen its fault once."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

import pytest

from infra.local.settings import ROOT

FILES = sorted(
    path
    for folder in ("functions", "shared", "infra")
    for path in (ROOT / folder).rglob("*.py")
    if "node_modules" not in path.parts
)
DEPLOYED = ("functions", "shared")
Rule = Callable[[ast.Module], Iterator[ast.AST]]


def calls(tree: ast.Module) -> Iterator[tuple[ast.Call, str]]:
    """Every call with its dotted name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node, ast.unparse(node.func)


def no_timeout(tree: ast.Module) -> Iterator[ast.AST]:
    """A request over HTTP that could wait for ever."""
    for call, name in calls(tree):
        http = re.search(r"(requests|session)\.(get|head|post|put|patch|delete|request)$|urlopen$", name)
        if http and not any(keyword.arg == "timeout" for keyword in call.keywords):
            yield call


def sleeping(tree: ast.Module) -> Iterator[ast.AST]:
    """A function that sleeps is paid for, and holds a place that others need."""
    yield from (call for call, name in calls(tree) if re.search(r"(^|\.)sleep$", name))


def secrets_compared(tree: ast.Module) -> Iterator[ast.AST]:
    """``==`` on a signature, digest or secret tells by its time how much of it was right: ``hmac.compare_digest``."""
    secret = re.compile(r"(^|[^a-z])(\w*_)?(signature|digest|verifier|hmac|secret|browser_hash)['\]]*$")
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq | ast.NotEq):
            for side in (node.left, node.comparators[0]):
                if isinstance(side, ast.Name | ast.Attribute | ast.Subscript) and secret.search(
                    ast.unparse(side)
                ):
                    yield node


def unverified(tree: ast.Module) -> Iterator[ast.AST]:
    """Certificates and token signatures are always checked."""
    for call, _ in calls(tree):
        for keyword in call.keywords:
            off = isinstance(keyword.value, ast.Constant) and keyword.value.value is False
            if off and keyword.arg in ("verify", "verify_signature"):
                yield call
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                named = isinstance(key, ast.Constant) and key.value == "verify_signature"
                if named and isinstance(value, ast.Constant) and value.value is False:
                    yield node


def followed(tree: ast.Module) -> Iterator[ast.AST]:
    """A request of a deployed function that follows a redirect goes where somebody else says."""
    for call, name in calls(tree):
        plain = re.search(r"^requests\.(get|head|post|put|patch|delete|request)$", name)
        if plain and not any(keyword.arg == "allow_redirects" for keyword in call.keywords):
            yield call


#: rule -> (where it holds, what it must find)
RULES: dict[Rule, tuple[tuple[str, ...], str]] = {
    no_timeout: (("functions", "shared", "infra"), "self._session.get(url)"),
    sleeping: (DEPLOYED, "time.sleep(1)"),
    secrets_compared: (DEPLOYED, "if header['signature'] == expected: pass"),
    unverified: (("functions", "shared", "infra"), "jwt.decode(token, options={'verify_signature': False})"),
    followed: (DEPLOYED, "requests.get(url, timeout=5)"),
}
#: Where a rule would be wrong, with the reason.
EXCEPTIONS: dict[tuple[str, str], str] = {
    (
        "sleeping",
        "shared/adapters/embedded/database.py",
    ): "hundredths of a second for SQLite's lock, on one machine",
    (
        "unverified",
        "shared/adapters/xero/tokens.py",
    ): "Xero handed it to us over TLS; its claims only tell consents apart",
    ("unverified", "shared/http/sign_in.py"): "behind Cloud Run's own check, which takes the signature out",
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule(rule: Rule) -> None:
    """Nothing in the code breaks it, and it does find what it is for."""
    where, fault = RULES[rule]
    assert list(rule(ast.parse(fault))) != []
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in FILES
        if path.relative_to(ROOT).parts[0] in where
        and (rule.__name__, str(path.relative_to(ROOT))) not in EXCEPTIONS
        for node in rule(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert found == []


def test_exceptions_are_needed() -> None:
    """An exception whose reason is gone goes too."""
    rules = {rule.__name__: rule for rule in RULES}
    for name, file in EXCEPTIONS:
        assert list(rules[name](ast.parse((ROOT / file).read_text(encoding="utf-8")))) != []


def test_every_nosec_names_its_rule() -> None:
    """A bare one would hide whatever comes later."""
    marked = [
        (path, line)
        for path in FILES
        for line in path.read_text(encoding="utf-8").splitlines()
        if "# nosec" in line
    ]
    assert marked != []
    assert [mark for mark in marked if not re.search(r"# nosec B\d{3}", mark[1])] == []
