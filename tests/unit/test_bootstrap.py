"""Choosing the backend: what is wrong is named at the first request, and defaults follow from the choice."""

from __future__ import annotations

import pytest

from shared import bootstrap
from shared.config import GOOGLE, Config

ON_GOOGLE = {"BACKEND": "gcp", "GOOGLE_CLOUD_PROJECT": "clinic", "REGION": "sydney"}


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"BACKEND": "cloud"}, "BACKEND=cloud"),
        ({"BACKEND": "gcp"}, "GOOGLE_CLOUD_PROJECT and REGION"),
        ({**ON_GOOGLE, "REGION": ""}, "needs REGION"),
        ({**ON_GOOGLE, "TOKEN_STORE": "kms"}, "TOKEN_STORE=kms"),
    ],
)
def test_a_wrong_choice_is_named(environment: dict[str, str], named: str) -> None:
    """With the variable to change."""
    with pytest.raises(RuntimeError, match=named):
        bootstrap._is_on_google(Config.from_environment(environment))


def test_who_signs_the_tasks_follows_from_the_backend() -> None:
    """Google on Google Cloud, the people's issuer on one machine, unless said otherwise."""
    assert Config.from_environment(ON_GOOGLE).tasks_issuer == GOOGLE
    assert Config.from_environment({"AUTH_ISSUER": "http://a"}).tasks_issuer == "http://a"
    assert Config.from_environment({**ON_GOOGLE, "TASKS_ISSUER": "http://b"}).tasks_issuer == "http://b"


def test_tasks_go_to_the_public_address_unless_the_worker_has_its_own() -> None:
    """Without a slash at the end: the token's audience is compared as text."""
    assert Config.from_environment({"PUBLIC_URL": "https://p"}).tasks_url == "https://p"
    assert Config.from_environment({"TASKS_URL": "https://w/"}).tasks_url == "https://w"
