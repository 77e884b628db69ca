"""Serving the code of web plugins to the websites of the sources that they are installed on."""

from django.http import HttpRequest, HttpResponse

from tracking.cors import OPEN, refuse
from tracking.device_mode import plugins_of
from tracking.library import FOR_EVER, SCRIPT, SHORTLY, answered, live_source


def script(request: HttpRequest, write_key: str, app_slug: str) -> HttpResponse:
    """The plugin of an enabled destination, as remotePlugins wants it; with `?module=1` its code as it stands."""

    def find() -> HttpResponse:
        source = live_source(write_key)
        found = plugins_of(source, app_slug) if source else []
        if not found:
            return refuse(404, "No web plugin of this name is enabled for this write key.")
        plugin = found[0]
        is_current = request.GET.get("v") == plugin.version
        code = plugin.code if request.GET.get("module") == "1" else plugin.script
        return HttpResponse(
            code.encode("utf-8", "replace"),
            content_type=SCRIPT,
            headers={**OPEN, "Cache-Control": FOR_EVER if is_current else SHORTLY},
        )

    return answered(request, find)
