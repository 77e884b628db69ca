"""Addresses of the Config API below /v1beta/, as in the original (D45)."""

from django.urls import URLPattern, path

from installs.config_api import catalog, destinations, openapi, sources, workspaces

_WORKSPACE = "workspaces/<str:workspace>"
_SOURCE = f"{_WORKSPACE}/sources/<str:source>"

urlpatterns: list[URLPattern] = [
    path("openapi.json", openapi.document, name="config-openapi"),
    path("catalog/destinations/<str:destination>", catalog.one, name="config-catalog-destination"),
    path("workspaces", workspaces.many, name="config-workspaces"),
    path(_WORKSPACE, workspaces.one, name="config-workspace"),
    path(f"{_WORKSPACE}/sources", sources.many, name="config-sources"),
    path(_SOURCE, sources.one, name="config-source"),
    path(f"{_SOURCE}/destinations", destinations.many, name="config-destinations"),
    path(f"{_SOURCE}/destinations/<str:destination>", destinations.one, name="config-destination"),
]
