"""System checks of our own: what must not reach production."""

from typing import Any

from django.conf import settings
from django.core.checks import Error, Tags, register


@register(Tags.security, deploy=True)
def egress_stays_closed(app_configs: Any, **kwargs: Any) -> list[Error]:
    if not settings.EGRESS_ALLOW:
        return []
    return [
        Error(
            "EGRESS_ALLOW opens private networks to addresses that partners choose.",
            hint="Unset EGRESS_ALLOW in production.",
            id="devcenter.E001",
        )
    ]


@register(Tags.security, deploy=True)
def staff_have_a_second_factor(app_configs: Any, **kwargs: Any) -> list[Error]:
    if settings.STAFF_SECOND_FACTOR:
        return []
    return [
        Error(
            "Staff can sign in without a second factor.",
            hint="Unset STAFF_SECOND_FACTOR in production.",
            id="devcenter.E002",
        )
    ]


@register(Tags.security, deploy=True)
def mail_door_secrets_are_long(app_configs: Any, **kwargs: Any) -> list[Error]:
    if all(len(secret) >= 32 for secret in settings.MAIL_DOOR_SECRETS):
        return []
    hint = "Make each with 32 random characters or more."
    return [Error("A secret of MAIL_DOOR_SECRETS is too short.", hint=hint, id="devcenter.E004")]


@register(Tags.security, deploy=True)
def site_is_https(app_configs: Any, **kwargs: Any) -> list[Error]:
    if settings.SITE_IS_HTTPS:
        return []
    return [Error("SITE_URL is not https.", hint="Serve the site over TLS.", id="devcenter.E003")]


@register(Tags.security, deploy=True)
def partners_servers_are_told_https(app_configs: Any, **kwargs: Any) -> list[Error]:
    plain = [name for name in ("OAUTH_URL", "CONFIG_API_URL") if getattr(settings, name).startswith("http:")]
    hint = "Secrets and tokens travel there: serve it over TLS."
    return [Error(f"{name} is not https.", hint=hint, id="devcenter.E005") for name in plain]
