"""Addresses that need no membership: the catalog and the pictures in it."""

from django.urls import path

from apps_catalog import public_views
from apps_catalog.addresses import ASSET_ROUTE, ECHO_ROUTE, IMAGE_ROUTE
from apps_catalog.echo import echo

urlpatterns = [
    path("catalog/", public_views.catalog, name="catalog"),
    path("catalog/new/", public_views.new_and_noteworthy, name="catalog-new"),
    path("catalog/<slug:slug>/", public_views.entry, name="catalog-entry"),
    path(ASSET_ROUTE, public_views.asset, name="asset"),
    path(IMAGE_ROUTE, public_views.asset, name="asset-image"),
    path(ECHO_ROUTE, echo, name="echo"),
]
