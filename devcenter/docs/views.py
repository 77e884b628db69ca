from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

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
