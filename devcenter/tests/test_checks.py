"""System checks, the OAuth toolkit's own among them."""

import pytest
from django.conf import settings
from django.core import checks

LOOSENED = [
    *({f"COMPLIANT_BCP_RFC9700_{gate}": False} for gate in (
        "IMPLICIT_GRANT", "PASSWORD_GRANT", "PKCE_METHOD", "ACCESS_TOKEN_TRANSPORT", "AUTHZ_RESPONSE_ISS",
        "TOKEN_STORAGE",
    )),
    {"PKCE_REQUIRED": False},
    {"ALLOWED_REDIRECT_URI_SCHEMES": ["http", "https"]},
    {"ALLOW_URI_WILDCARDS": True},
    {"REFRESH_TOKEN_REUSE_PROTECTION": False},
]  # fmt: skip


def said_by_the_toolkit() -> list[str]:
    found = checks.run_checks(include_deployment_checks=True, tags=[checks.Tags.security])
    return [one.id or "" for one in found if (one.id or "").startswith("oauth2_provider")]


def test_the_toolkit_has_nothing_to_say_and_nothing_is_silenced() -> None:
    assert said_by_the_toolkit() == []
    assert settings.SILENCED_SYSTEM_CHECKS == []


@pytest.mark.parametrize("change", LOOSENED, ids=lambda change: next(iter(change)))
def test_what_loosens_rfc_9700_is_noticed(settings, change) -> None:
    settings.OAUTH2_PROVIDER = settings.OAUTH2_PROVIDER | change

    assert said_by_the_toolkit()
