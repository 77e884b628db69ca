"""The addresses that partners' servers are told, in pages and samples (docs/settings.md: OAUTH_URL, CONFIG_API_URL)."""

from django.conf import settings


def oauth_url(path: str) -> str:
    """Of the authorization server (D41, D42): `path` begins with a slash."""
    return (settings.OAUTH_URL or settings.SITE_URL).rstrip("/") + path


def config_api_url(path: str) -> str:
    """Of the Config API (D45): `path` begins behind “/v1beta/”."""
    return f"{(settings.CONFIG_API_URL or settings.SITE_URL).rstrip('/')}/v1beta/{path}"
