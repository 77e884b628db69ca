"""/apps/<slug>/docs/: the three texts of S20, their links, and the plan for the launch."""

import hashlib
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps_catalog import docs_template, lifecycle
from apps_catalog.console import DraftPage, acting, app_page, see_other, wants_json
from apps_catalog.docs_forms import DocsForm
from apps_catalog.docs_merging import changes, merged
from apps_catalog.going_live import saved
from apps_catalog.link_checks import LinkState, link_states
from apps_catalog.markdown import MAX_SOURCE, render_docs, visible_length
from apps_catalog.models import App, Listing
from apps_catalog.proven_types import types_for
from apps_catalog.rules import can_edit_app
from partners.models import Policy


@require_http_methods(["GET", "HEAD", "POST"])
@app_page(can_edit_app)
def app_docs(request: HttpRequest, app: App) -> HttpResponse:
    """Links and texts of the documentation, and whether the links answer."""
    listing = app.listing
    form = DocsForm(request.POST or None, listing=listing)
    typed = form.data.get("docs_segment_text", "") if form.is_bound else listing.docs_segment_text
    page = DraftPage(
        template="apps_catalog/console/docs.html",
        save=lambda valid: _save_docs(request, app, valid),
        revision=lambda: Listing.objects.get(pk=listing.pk).docs_revision,
        done_url=request.path,
        context={**_docs_context(request, app), **_preview(typed), "catalog_text": _catalog_text(listing)},
    )
    return page.answer(request, form)


def _docs_context(request: HttpRequest, app: App) -> dict[str, Any]:
    states = link_states(app.listing)
    return {
        "links": states,
        "is_checking": any(state is LinkState.CHECKING for _, state, _ in states),
        "may_edit": can_edit_app(request.user, app),
    }


def _preview(text: str) -> dict[str, Any]:
    return {"preview_html": render_docs(text), "open_places": docs_template.open_places(text)}


def _catalog_text(listing: Listing) -> dict[str, int]:
    """How long the third text is, which stands in the listing."""
    return {"used": visible_length(listing.description), "limit": Policy.current().description_limit}


def _save_docs(request: HttpRequest, app: App, form: DocsForm) -> str:
    lifecycle.save_docs(acting(request), app, form.values(), form.cleaned_data["revision"])
    text = "The documentation is saved. New links are being looked at."
    return text if wants_json(request) else saved(acting(request), app, "docs", text)


@require_http_methods(["GET", "HEAD", "POST"])
@app_page(can_edit_app)
def app_docs_links(request: HttpRequest, app: App) -> HttpResponse:
    """GET: the results, polled while a look is under way. POST: look again."""
    if request.method == "POST":
        lifecycle.request_link_check(acting(request), app)
        return see_other(request, f"{request.path.removesuffix('links/')}#id_links", "The links are being looked at.")
    return render(request, "apps_catalog/console/docs_links.html", _docs_context(request, app))


@require_POST
@app_page(can_edit_app)
def app_docs_preview(request: HttpRequest, app: App) -> HttpResponse:
    """The text as it is typed right now, as readers will see it; saves nothing."""
    text = request.POST.get("docs_segment_text", "")[:MAX_SOURCE]
    return render(request, "apps_catalog/console/docs_preview.html", _preview(text))


# --- The draft that is written for the partner (D50) -------------------------------------------------


def _text(app: App, write: Callable[..., str]) -> str:
    return write(app, app.listing, list(app.settings.all()), types_for(app))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@require_http_methods(["GET", "HEAD", "POST"])
@app_page(can_edit_app)
def app_docs_template(request: HttpRequest, app: App) -> HttpResponse:
    """A draft of Segment's text beside the saved one: which sections to take is the writer's choice."""
    proposed = _text(app, docs_template.segment_text)
    if request.method == "POST":
        return _take(request, app, proposed)
    context = {
        "changes": changes(app.listing.docs_segment_text, proposed),
        "is_first": not app.listing.docs_segment_text.strip(),
        "proposed_html": render_docs(proposed),
        "digest": _digest(proposed),
        "revision": app.listing.docs_revision,
        "proven": [each.type for each in types_for(app)],
        "may_edit": can_edit_app(request.user, app),
    }
    return render(request, "apps_catalog/console/docs_template.html", context)


def _take(request: HttpRequest, app: App, proposed: str) -> HttpResponse:
    """Save the chosen sections, if both texts still are what the writer saw."""
    taken = request.POST.getlist("take")
    text = merged(app.listing.docs_segment_text, proposed, taken)
    revision = request.POST.get("revision", "")
    if not taken:
        messages.info(request, "Nothing was chosen, so nothing changed.")
    elif request.POST.get("digest") != _digest(proposed) or not revision.isdecimal():
        messages.warning(request, "The new text is another one by now. Look at it once more.")
    elif len(text) > MAX_SOURCE:
        messages.error(
            request, f"Together the text has {len(text):,} characters. Shorten yours to {MAX_SOURCE:,} first."
        )
    else:
        return _save_taken(request, app, text, int(revision[:9]))
    return see_other(request, request.path)


def _save_taken(request: HttpRequest, app: App, text: str, revision: int) -> HttpResponse:
    try:
        lifecycle.save_docs(acting(request), app, {"docs_segment_text": text}, revision)
    except lifecycle.StaleDraft:
        messages.warning(request, "The text was changed in the meantime. Look at the differences once more.")
        return see_other(request, request.path)
    page = reverse("app-docs", args=[app.slug])
    # With its open places it is a draft: it goes live when the page itself is saved.
    return see_other(request, f"{page}#id_docs_segment_text", "The sections are in your text. Fill in what is open.")


@require_safe
@app_page()
def app_docs_file(request: HttpRequest, app: App, which: str) -> HttpResponse:
    """The text for Segment's documentation as it is saved, or a first draft for the partner's own."""
    if which == "segment":
        text = app.listing.docs_segment_text or _text(app, docs_template.segment_text)
    elif which == "partner":
        text = _text(app, docs_template.partner_text)
    else:
        raise Http404
    name = content_disposition_header(as_attachment=True, filename=f"{app.slug}-{which}.md") or ""
    return HttpResponse(text, content_type="text/markdown; charset=utf-8", headers={"Content-Disposition": name})
