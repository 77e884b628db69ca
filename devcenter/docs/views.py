from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from apps_catalog.manifest_schema import json_schema
from devcenter.docs import pages


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    return render(request, "devcenter/docs/index.html", {"sections": pages.index()})


@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    found = pages.load(slug)
    if found is None:
        raise Http404
    return render(request, "devcenter/docs/page.html", {"page": found, "sections": pages.index()})


@require_safe
def markdown(request: HttpRequest, slug: str) -> HttpResponse:
    """The same page as plain Markdown, for tools that read."""
    found = pages.load(slug)
    if found is None:
        raise Http404
    return HttpResponse(found.markdown, content_type="text/markdown; charset=utf-8")


@require_safe
@cache_control(public=True, max_age=3600)
def manifest_schema(request: HttpRequest) -> HttpResponse:
    """The JSON Schema of a manifest, for editors that know such files while one types."""
    address = settings.SITE_URL + reverse("docs-manifest-schema")
    answer = JsonResponse(json_schema(address), json_dumps_params={"indent": 2, "ensure_ascii": False})
    answer["Content-Type"] = "application/schema+json; charset=utf-8"
    answer["Access-Control-Allow-Origin"] = "*"
    return answer
