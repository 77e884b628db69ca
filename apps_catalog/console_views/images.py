"""/apps/<slug>/listing/pictures/: the pictures of the catalog page (S23)."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from apps_catalog import image_drafts
from apps_catalog.console import DraftPage, acting, app_page, see_other, wants_json
from apps_catalog.going_live import saved
from apps_catalog.image_forms import AddImageForm, DescribeForm
from apps_catalog.image_limits import MAX_IMAGES
from apps_catalog.images import Shown, shown
from apps_catalog.models import App, Listing
from apps_catalog.rules import can_edit_app

# What a button may ask for → the sentence when it is done.
DONE = {
    "earlier": "The picture stands earlier now.",
    "later": "The picture stands later now.",
    "remove": "The picture is removed. You can put it back below.",
    "restore": "The picture is back.",
}


@require_http_methods(["GET", "HEAD", "POST"])
@app_page(can_edit_app)
def app_images(request: HttpRequest, app: App) -> HttpResponse:
    """The pictures in order, and the form for one more."""
    if request.method != "POST":
        return _show(request, app, AddImageForm(), 200)
    form = AddImageForm(request.POST, request.FILES)
    if form.is_valid() and _add(request, app, form):
        return see_other(request, request.path, saved(acting(request), app, "images", "The picture is added."))
    form.keep()
    return _show(request, app, form, 422)


def _add(request: HttpRequest, app: App, form: AddImageForm) -> bool:
    asset = form.asset()
    assert asset is not None
    try:
        image_drafts.add_image(acting(request), app, asset, form.cleaned_data["alt"], form.cleaned_data["caption"])
    except ValidationError as problem:
        form.add_error(None, problem)
        return False
    if gone := form.removed():
        messages.info(request, f"We left out of the file: {', '.join(gone)}.")
    return True


def _show(request: HttpRequest, app: App, form: AddImageForm, status: int) -> HttpResponse:
    listing = Listing.objects.get(app=app)
    context = {
        "form": form,
        "images": [shown(image) for image in listing.images],
        "removed": [shown(each["image"]) for each in listing.removed_images],
        "has_room": len(listing.images) < MAX_IMAGES,
        "most": MAX_IMAGES,
        "may_edit": can_edit_app(request.user, app),
    }
    return render(request, "apps_catalog/console/images.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@app_page(can_edit_app)
def app_image(request: HttpRequest, app: App, key: str) -> HttpResponse:
    """One picture and its words."""
    listing = Listing.objects.get(app=app)
    image = _find(listing, key)
    form = DescribeForm(request.POST or None, image=image, revision=listing.images_revision)
    page = DraftPage(
        template="apps_catalog/console/image.html",
        save=lambda valid: _describe(request, app, key, valid),
        revision=lambda: Listing.objects.get(app=app).images_revision,
        done_url=reverse("app-images", args=[app.slug]),
        context={"image": image, "may_edit": can_edit_app(request.user, app)},
    )
    return page.answer(request, form)


def _describe(request: HttpRequest, app: App, key: str, form: DescribeForm) -> str:
    image_drafts.describe_image(acting(request), app, key, form.values(), form.cleaned_data["revision"])
    text = "The words are saved."
    return text if wants_json(request) else saved(acting(request), app, "images", text)


def _find(listing: Listing, key: str) -> Shown:
    found = next((each for each in map(shown, listing.images) if each.key == key and each.url), None)
    if found is None:
        raise Http404
    return found


@require_POST
@app_page(can_edit_app)
def app_image_change(request: HttpRequest, app: App, key: str) -> HttpResponse:
    """Move, remove or put back: what the pressed button says. A picture that is gone changes nothing."""
    act = request.POST.get("do", "")
    page = reverse("app-images", args=[app.slug])
    try:
        is_done = _change(acting(request), app, key, act)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
        return see_other(request, page)
    return see_other(request, page, saved(acting(request), app, "images", DONE[act]) if is_done else "")


def _change(actor: Any, app: App, key: str, act: str) -> bool:
    if act in ("earlier", "later"):
        return image_drafts.move_image(actor, app, key, -1 if act == "earlier" else 1)
    if act == "remove":
        return image_drafts.remove_image(actor, app, key)
    return act == "restore" and image_drafts.restore_image(actor, app, key)
