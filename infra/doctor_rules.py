"""What can be wrong with a deployment's environment variables: each rule looks at all of them and names its finds."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from shared.config import CONFIGURATION, SCOPES

#: Stands for a value that is kept in Secret Manager and cannot be seen from here.
HIDDEN = "\0hidden"
LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")
XERO_HOSTS = {
    "XERO_LOGIN_URL": "login.xero.com",
    "XERO_IDENTITY_URL": "identity.xero.com",
    "XERO_API_URL": "api.xero.com",
}
REHEARSING = ("REHEARSAL_URL", "CLOCK_AHEAD_SECONDS", "SECRET_MANAGER_ENDPOINT", "CLOUD_TASKS_ENDPOINT")
NUMBERS = {
    "RESERVED_CALLS_MINUTE": (0, 59),
    "RESERVED_CALLS_DAY": (0, 4999),
    "BATCH_SIZE": (1, 100),
    "RATE_LIMIT": (0, 6000),
}
CHOICES = {
    "BACKEND": ("embedded", "gcp"),
    "XERO_PKCE": ("on", "off"),
    "TOKEN_STORE": ("secret_manager", "firestore"),
    "LOG_LEVEL": ("DEBUG", "INFO", "WARNING", "ERROR"),
}
CALLBACK = "/xero/oauth/callback/"
#: Xero's scopes before they became granular; apps made since March 2026 are refused with them.
BROAD = re.compile(r"accounting\.(transactions|reports|journals)(\.read)?|accounting\.settings")


@dataclass(frozen=True)
class Problem:
    """``stops``: it does not work like this. Otherwise it works, but probably not as meant."""

    name: str
    message: str
    stops: bool = True


class Environment:
    """The variables as given, each with its default where there is one."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self.given = given

    def __getitem__(self, name: str) -> str:
        return self.given.get(name) or CONFIGURATION.get(name, ("", ""))[0]

    @property
    def in_the_cloud(self) -> bool:
        return self["BACKEND"] == "gcp"

    @property
    def real_xero(self) -> bool:
        """The local stack talks to its simulator as long as no app is named."""
        return self.in_the_cloud or bool(self["XERO_CLIENT_ID"] or self["XERO_CLIENT_SECRET"])

    def parts(self, name: str) -> list[str]:
        return [part.strip() for part in self[name].split(",") if part.strip()]


def names(env: Environment) -> Iterator[Problem]:
    for name in sorted(set(env.given) - set(CONFIGURATION)):
        (near,) = difflib.get_close_matches(name, CONFIGURATION, 1, cutoff=0.85) or [""]
        if near and near not in env.given:
            yield Problem(name, f"is not known and has no effect; is it {near} that is meant?")
    for name, value in env.given.items():
        if name in CONFIGURATION and value != value.strip():
            yield Problem(name, "begins or ends with a space or a line end; make it with printf, not echo")


def choices(env: Environment) -> Iterator[Problem]:
    for name, allowed in CHOICES.items():
        if env[name] and env[name] not in allowed:
            yield Problem(name, f"is {env[name]!r}; it can be {', '.join(allowed)}")
    for name, (least, most) in NUMBERS.items():
        if not re.fullmatch(r"\d+", env[name]) or not least <= int(env[name]) <= most:
            yield Problem(name, f"is {env[name]!r}; it is a whole number from {least} to {most}")


def addresses(env: Environment) -> Iterator[Problem]:
    for name in ("PUBLIC_URL", "AUTH_ISSUER", "TASKS_ISSUER", "TASKS_URL", *XERO_HOSTS):
        yield from _address(env, name, env[name])
    for name in ("CORS_ORIGINS", "AUTH_ORIGINS"):
        for origin in env.parts(name):
            if urlsplit(origin).path or not urlsplit(origin).netloc:
                yield Problem(name, f"{origin!r} is not an origin; write https://app.clinic.example, no path")
    for prefix in env.parts("RETURN_URLS"):
        if not urlsplit(prefix).path and not prefix.startswith("/"):
            yield Problem("RETURN_URLS", f"{prefix!r} lets {prefix}.evil.example in too; end it with a slash")


def _address(env: Environment, name: str, value: str) -> Iterator[Problem]:
    url = urlsplit(value)
    if not value:
        return
    if url.scheme not in ("http", "https") or not url.hostname:
        yield Problem(name, f"is {value!r}; it is a whole address, such as https://ledger.example.com")
        return
    if value.endswith("/") and name != "AUTH_ISSUER":
        yield Problem(name, "ends with a slash; leave it out")
    if env.in_the_cloud and (url.scheme != "https" or url.hostname in LOCAL_HOSTS):
        hint = "is the default, which is for one machine" if name not in env.given else f"is {value}"
        yield Problem(name, f"{hint}; a deployment needs an https address that others reach")


def xero_app(env: Environment) -> Iterator[Problem]:
    if not env.real_xero:
        return
    for name, what in (("XERO_CLIENT_ID", "client id"), ("XERO_CLIENT_SECRET", "client secret")):
        if not env[name]:
            yield Problem(name, f"is missing; the {what} is in Xero's developer portal, Configuration")
    if not env["XERO_WEBHOOK_KEY"]:
        message = "is empty: every webhook is answered 401, payments come by the hourly sweep"
        yield Problem("XERO_WEBHOOK_KEY", message, stops=False)
    redirect = env["XERO_REDIRECT_URI"]
    if redirect and not redirect.endswith(CALLBACK):
        yield Problem("XERO_REDIRECT_URI", f"must end with {CALLBACK}, last slash and all")
    elif redirect and not redirect.startswith(env["PUBLIC_URL"]):
        message = (
            "is at another origin than PUBLIC_URL: the cookie that ties the consent to the browser is lost"
        )
        yield Problem("XERO_REDIRECT_URI", message)
    for name, host in XERO_HOSTS.items():
        if urlsplit(env[name]).hostname != host:
            yield Problem(name, f"is not Xero's own ({host})", stops=False)


def scopes(env: Environment) -> Iterator[Problem]:
    asked = set(env["XERO_SCOPES"].split())
    for scope in sorted(set(SCOPES) - asked):
        yield Problem("XERO_SCOPES", f"lacks {scope}: {SCOPES[scope]}")
    for scope in sorted(scope for scope in asked if BROAD.fullmatch(scope)):
        message = f"{scope} is not granular; Xero refuses it for apps made since March 2026"
        yield Problem("XERO_SCOPES", message, stops=False)


def deployment(env: Environment) -> Iterator[Problem]:
    if not env.in_the_cloud:
        return
    for name in ("GOOGLE_CLOUD_PROJECT", "REGION"):
        if not env[name]:
            yield Problem(name, "is missing; BACKEND=gcp needs it")
    if not env["TASKS_SERVICE_ACCOUNT"].endswith(".gserviceaccount.com"):
        yield Problem("TASKS_SERVICE_ACCOUNT", "is not a service account's e-mail; take Terraform's output")
    for name in REHEARSING:
        if env[name] not in ("", "0"):
            yield Problem(name, "is for rehearsals on one machine; take it out")


def runtime(env: Environment) -> Iterator[Problem]:
    """Of one function as it is deployed; elsewhere these are not set."""
    target, source = env["FUNCTION_TARGET"], env["FUNCTION_SOURCE"]
    if not target:
        return
    if source != f"functions/{target}/main.py":
        yield Problem("FUNCTION_SOURCE", f"is {source!r}; for {target} it is functions/{target}/main.py")
    if not env["PYTHONPATH"]:
        yield Problem("PYTHONPATH", "is missing; without /workspace the function does not find its code")


RULES: tuple[Callable[[Environment], Iterator[Problem]], ...] = (
    names,
    choices,
    addresses,
    xero_app,
    scopes,
    deployment,
    runtime,
)


def problems(given: Mapping[str, str]) -> list[Problem]:
    """All of them, what stops the deployment first; nothing of a secret's value is in a message."""
    found = [problem for rule in RULES for problem in rule(Environment(given))]
    return sorted(dict.fromkeys(found), key=lambda problem: not problem.stops)
