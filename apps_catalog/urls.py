"""Addresses of the partner console of an App, and (in `public_urls`) of what everybody sees."""

from django.urls import include, path

from apps_catalog.console_views import (
    access,
    app_list,
    app_new,
    code,
    code_versions,
    components,
    danger,
    docs,
    images,
    inbox,
    listing,
    manifest,
    setting_preview,
    settings,
    signing,
)

urlpatterns = [
    path("apps/", app_list.app_list, name="app-list"),
    path("apps/new/", app_new.app_new, name="app-new"),
    path("apps/new/slug/", app_new.app_slug_preview, name="app-slug-preview"),
    path("apps/new/manifest/", manifest.app_new_manifest, name="app-new-manifest"),
    path("apps/<slug:slug>/manifest/", manifest.app_manifest, name="app-manifest"),
    path("apps/<slug:slug>/manifest/file/", manifest.app_manifest_file, name="app-manifest-file"),
    path("apps/<slug:slug>/components/", components.app_components, name="app-components"),
    path("apps/<slug:slug>/components/add/", components.app_component_add, name="app-component-add"),
    path(
        "apps/<slug:slug>/components/remove/<slug:kind>/", components.app_component_remove, name="app-component-remove"
    ),
    path(
        "apps/<slug:slug>/components/restore/<slug:kind>/",
        components.app_component_restore,
        name="app-component-restore",
    ),
    path(
        "apps/<slug:slug>/components/function/",
        code.app_component_code,
        {"part": "function"},
        name="app-component-function",
    ),
    path(
        "apps/<slug:slug>/components/plugin/", code.app_component_code, {"part": "plugin"}, name="app-component-plugin"
    ),
    path(
        "apps/<slug:slug>/components/<slug:part>/versions/", code_versions.app_code_versions, name="app-code-versions"
    ),
    path(
        "apps/<slug:slug>/components/<slug:part>/versions/<int:number>/",
        code_versions.app_code_version,
        name="app-code-version",
    ),
    path(
        "apps/<slug:slug>/components/<slug:part>/versions/<int:number>/restore/",
        code_versions.app_code_restore,
        name="app-code-restore",
    ),
    path(
        "apps/<slug:slug>/components/<slug:part>/versions/<int:number>/deploy/",
        code_versions.app_code_deploy,
        name="app-code-deploy",
    ),
    path("apps/<slug:slug>/components/webhook/", components.app_component_webhook, name="app-component-webhook"),
    path("apps/<slug:slug>/components/webhook/signing/", signing.app_signing, name="app-signing"),
    path("apps/<slug:slug>/components/webhook/signing/rotate/", signing.app_signing_rotate, name="app-signing-rotate"),
    path(
        "apps/<slug:slug>/components/webhook/signing/<uuid:pk>/reveal/",
        signing.app_signing_reveal,
        name="app-signing-reveal",
    ),
    path("apps/<slug:slug>/components/webhook/signing/<uuid:pk>/end/", signing.app_signing_end, name="app-signing-end"),
    path("apps/<slug:slug>/components/webhook/verify/", signing.app_verify, name="app-verify"),
    path("apps/<slug:slug>/inbox/", inbox.app_inbox, name="app-inbox"),
    path("apps/<slug:slug>/inbox/live/", inbox.app_inbox_live, name="app-inbox-live"),
    path("apps/<slug:slug>/inbox/clear/", inbox.app_inbox_clear, name="app-inbox-clear"),
    path("apps/<slug:slug>/inbox/unclear/", inbox.app_inbox_unclear, name="app-inbox-unclear"),
    path("apps/<slug:slug>/inbox/<int:pk>/", inbox.app_inbox_request, name="app-inbox-request"),
    path("apps/<slug:slug>/settings/", settings.app_settings, name="app-settings"),
    path("apps/<slug:slug>/settings/new/", settings.app_setting_new, name="app-setting-new"),
    path("apps/<slug:slug>/settings/preview/", setting_preview.app_setting_preview, name="app-setting-preview"),
    path("apps/<slug:slug>/settings/pattern/", settings.app_setting_pattern, name="app-setting-pattern"),
    path("apps/<slug:slug>/settings/restore/<slug:key>/", settings.app_setting_restore, name="app-setting-restore"),
    path("apps/<slug:slug>/settings/edit/<slug:key>/", settings.app_setting_edit, name="app-setting-edit"),
    path("apps/<slug:slug>/settings/remove/<slug:key>/", settings.app_setting_remove, name="app-setting-remove"),
    path("apps/<slug:slug>/settings/move/<slug:key>/", settings.app_setting_move, name="app-setting-move"),
    path("apps/<slug:slug>/listing/", listing.app_listing, name="app-listing"),
    path("apps/<slug:slug>/listing/preview/", listing.app_listing_preview, name="app-listing-preview"),
    path("apps/<slug:slug>/listing/pictures/", images.app_images, name="app-images"),
    path("apps/<slug:slug>/listing/pictures/<slug:key>/", images.app_image, name="app-image"),
    path("apps/<slug:slug>/listing/pictures/<slug:key>/change/", images.app_image_change, name="app-image-change"),
    path("apps/<slug:slug>/docs/", docs.app_docs, name="app-docs"),
    path("apps/<slug:slug>/docs/links/", docs.app_docs_links, name="app-docs-links"),
    path("apps/<slug:slug>/docs/preview/", docs.app_docs_preview, name="app-docs-preview"),
    path("apps/<slug:slug>/docs/template/", docs.app_docs_template, name="app-docs-template"),
    path("apps/<slug:slug>/docs/files/<slug:which>.md", docs.app_docs_file, name="app-docs-file"),
    path("apps/<slug:slug>/access/", access.app_access, name="app-access"),
    path("apps/<slug:slug>/danger/", danger.app_danger, name="app-danger"),
    path("apps/<slug:slug>/danger/rename/", danger.app_rename, name="app-rename"),
    path("apps/<slug:slug>/danger/delete/", danger.app_delete, name="app-delete"),
    path("apps/<slug:slug>/danger/undo/", danger.app_undelete, name="app-undelete"),
    path("apps/<slug:slug>/activity/", access.app_activity, name="app-activity"),
    path("", include("apps_catalog.public_urls")),
]
