"""What pages of packages below say of "Enable with Segment", though these know nothing of it."""

from urllib.parse import parse_qs, urlsplit

from django import template
from django.urls import reverse

from installs import access
from installs.models import Install
from installs.oauth.credentials import client_of
from installs.wording import name_for_visitors
from workspaces.models import Destination

register = template.Library()


@register.simple_tag
def set_up_by(destination: Destination) -> Install | None:
    """`{% set_up_by destination as install %}`: the install that made it, None where a person did."""
    return access.set_up_by(destination)


@register.simple_tag
def asked_by(address: str | None) -> str:
    """`{% asked_by redirect_field_value as asker %}`: who waits for an answer behind the log-in, or “”."""
    try:
        parts = urlsplit(address or "")
    except ValueError:
        return ""
    if parts.path != reverse("oauth-authorize"):
        return ""
    client = client_of(parse_qs(parts.query).get("client_id", [""])[0])
    return name_for_visitors(client) if client else ""
