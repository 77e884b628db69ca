"""Addresses of the Tracking API, and of what analytics.js loads (CONTRACT)."""

from django.urls import URLPattern, path, re_path

from tracking import library, plugins, views
from tracking.paths import CALLS

urlpatterns: list[URLPattern] = [
    re_path(rf"^v1/(?P<call>{'|'.join(CALLS)})/?$", views.take, name="tracking-call"),
    path("v1/projects/<str:write_key>/settings", library.settings_document, name="tracking-settings"),
    path("analytics.js/v1/<str:write_key>/analytics.min.js", library.script, name="tracking-script"),
    path("analytics.js/v1/<str:write_key>/plugins/<slug:app_slug>.js", plugins.script, name="tracking-plugin"),
    path("analytics-next/bundles/<str:chunk>", library.chunk, name="tracking-chunk"),
]
