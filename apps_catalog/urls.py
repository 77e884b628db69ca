"""Addresses of the partner console of an App, and (in `public_urls`) of what everybody sees."""

from django.urls import include, path

from apps_catalog.console_views import access, app_list, app_new, components, danger, listing, settings

urlpatterns = [
    path("apps/", app_list.app_list, name="app-list"),
    path("apps/new/", app_new.app_new, name="app-new"),
    path("apps/new/slug/", app_new.app_slug_preview, name="app-slug-preview"),
    path("apps/<slug:slug>/components/", components.app_components, name="app-components"),
    path("apps/<slug:slug>/components/add/", components.app_component_add, name="app-component-add"),
    path("apps/<slug:slug>/components/webhook/", components.app_component_webhook, name="app-component-webhook"),
    path("apps/<slug:slug>/settings/", settings.app_settings, name="app-settings"),
    path("apps/<slug:slug>/settings/new/", settings.app_setting_new, name="app-setting-new"),
    path("apps/<slug:slug>/settings/edit/<slug:key>/", settings.app_setting_edit, name="app-setting-edit"),
    path("apps/<slug:slug>/settings/remove/<slug:key>/", settings.app_setting_remove, name="app-setting-remove"),
    path("apps/<slug:slug>/settings/move/<slug:key>/", settings.app_setting_move, name="app-setting-move"),
    path("apps/<slug:slug>/listing/", listing.app_listing, name="app-listing"),
    path("apps/<slug:slug>/listing/preview/", listing.app_listing_preview, name="app-listing-preview"),
    path("apps/<slug:slug>/docs/", listing.app_docs, name="app-docs"),
    path("apps/<slug:slug>/docs/links/", listing.app_docs_links, name="app-docs-links"),
    path("apps/<slug:slug>/access/", access.app_access, name="app-access"),
    path("apps/<slug:slug>/danger/", danger.app_danger, name="app-danger"),
    path("apps/<slug:slug>/danger/rename/", danger.app_rename, name="app-rename"),
    path("apps/<slug:slug>/danger/delete/", danger.app_delete, name="app-delete"),
    path("apps/<slug:slug>/danger/undo/", danger.app_undelete, name="app-undelete"),
    path("apps/<slug:slug>/activity/", access.app_activity, name="app-activity"),
    path("", include("apps_catalog.public_urls")),
]
