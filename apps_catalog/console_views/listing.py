"""/apps/<slug>/listing/: the catalog entry."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from apps_catalog import lifecycle
from apps_catalog.card import Card, card_of
from apps_catalog.console import DraftPage, acting, app_page, wants_json
from apps_catalog.going_live import saved
from apps_catalog.image_limits import MAX_IMAGES
from apps_catalog.images import shown
from apps_catalog.listing_forms import ListingForm
from apps_catalog.markdown import visible_length
from apps_catalog.models import App, Listing
from apps_catalog.picture_reports import NAMES, reports_of
from apps_catalog.rules import can_edit_app
from partners.models import Policy


def _listing(app: App) -> Listing:
    return Listing.objects.select_related("primary_category", "logo", "mark").get(app=app)


def _counter(text: str, policy: Policy) -> dict[str, Any]:
    """The visible characters of a description against the policy, for the counter."""
    used = visible_length(text)
    state = "over" if used > policy.description_limit else "near" if used > policy.description_warn else "fine"
    return {"used": used, "warn": policy.description_warn, "limit": policy.description_limit, "state": state}


@require_http_methods(["GET", "HEAD", "POST"])
@app_page(can_edit_app)
def app_listing(request: HttpRequest, app: App) -> HttpResponse:
    """The catalog entry with its card beside it."""
    listing, policy = _listing(app), Policy.current()
    form = ListingForm(request.POST or None, request.FILES or None, listing=listing, policy=policy)
    typed = form.data.get("description", "") if form.is_bound else listing.description
    page = DraftPage(
        template="apps_catalog/console/listing.html",
        save=lambda valid: _save_listing(request, app, valid),
        revision=lambda: Listing.objects.get(pk=listing.pk).revision,
        done_url=request.path,
        context={
            "listing": listing,
            "card": card_of(app, listing),
            "counter": _counter(typed, policy),
            "reports": reports_of(listing),
            "images": [shown(image) for image in listing.images],
            "most_images": MAX_IMAGES,
            "may_edit": can_edit_app(request.user, app),
        },
        extra=_listing_extra(app, policy, form),
    )
    return page.answer(request, form)


def _listing_extra(app: App, policy: Policy, form: ListingForm) -> Callable[[], Mapping[str, Any]]:
    """What an autosave answers besides: the counter of the text that is now saved, and what became of the files
    that came with it (the page sends each file once)."""

    def extra() -> Mapping[str, Any]:
        listing = _listing(app)
        saved = [name.capitalize() for name in NAMES if form.cleaned_data.get(name)]
        notes = [f"{name} saved." for name in saved] + form.reports()
        return {"counter": _counter(listing.description, policy), "notes": notes, "reports": reports_of(listing)}

    return extra


def _save_listing(request: HttpRequest, app: App, form: ListingForm) -> str:
    lifecycle.save_listing(acting(request), app, form.values(), form.cleaned_data["revision"])
    if wants_json(request):  # what saved itself stays a draft
        return ""
    for line in form.reports():
        messages.warning(request, line)
    return saved(acting(request), app, "listing", "The listing is saved.")


@require_POST
@app_page(can_edit_app)
def app_listing_preview(request: HttpRequest, app: App) -> HttpResponse:
    """The card and the counter for what is typed right now; saves nothing."""
    policy = Policy.current()
    form = ListingForm(request.POST, listing=_listing(app), policy=policy)
    form.is_valid()
    typed = form.cleaned_data | {"description": request.POST.get("description", "")}
    context = {"card": _typed_card(app, typed), "counter": _counter(typed["description"], policy)}
    return render(request, "apps_catalog/console/listing_preview.html", context)


def _typed_card(app: App, typed: Mapping[str, Any]) -> Card:
    listing = _listing(app)
    listing.description = typed["description"]
    listing.website = typed.get("website", listing.website)
    listing.primary_category = typed.get("primary_category") or None
    listing.secondary_categories = typed.get("secondary_categories", listing.secondary_categories)
    return card_of(app, listing)
