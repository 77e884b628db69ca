"""/apps/<slug>/listing/template/: the listing as the mail template of the catalog, there and back (S23)."""

from typing import Any

from csp.decorators import csp_exempt
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from apps_catalog.assets import SVG_TYPE
from apps_catalog.console import acting, app_page, see_other
from apps_catalog.drafting import StaleDraft
from apps_catalog.going_live import saved
from apps_catalog.models import App, Listing
from apps_catalog.rules import can_edit_app
from leases.transitions import StaleState
from metadata import lifecycle, mail_in
from metadata.comparing import MOST_LINES, Row, lines, remarks_in, rows
from metadata.forms import TemplateForm
from metadata.models import TemplateDraft
from metadata.states import Way
from metadata.template import Categories, entry_of
from runtime.catalog_mail import write

# A picture opened by itself may do nothing at all (T11), and is nobody else’s yet.
PICTURE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "Cache-Control": "private, no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@require_http_methods(["GET", "HEAD", "POST"])
@app_page(can_edit_app)
def app_template(request: HttpRequest, app: App) -> HttpResponse:
    """The listing as a template, and a form for a filled-in one."""
    if request.method != "POST":
        return _show_template(request, app, TemplateForm(), 200)
    form = TemplateForm(request.POST, request.FILES)
    if not form.is_valid():
        return _show_template(request, app, form, 422)
    data = form.cleaned_data
    try:
        draft = lifecycle.take_in(
            acting(request), app, Way.PASTED, data["text"], form.pictures(), replaces=data["replaces"]
        )
    except ValidationError as problem:
        form.add_error("text", problem)
        return _show_template(request, app, form, 422)
    return see_other(request, reverse("app-template-draft", args=[app.slug, draft.pk]))


def _show_template(request: HttpRequest, app: App, form: TemplateForm, status: int) -> HttpResponse:
    may_edit = can_edit_app(request.user, app)
    context = {
        "form": form,
        "template": _written(app),
        "drafts": lifecycle.open_drafts(app),
        "may_edit": may_edit,
        "address": mail_in.address(app, acting(request)) if may_edit else "",
    }
    return render(request, "metadata/template.html", context, status=status)


def _written(app: App) -> str:
    return write(entry_of(app, _listing(app), Categories()))


def _listing(app: App) -> Listing:
    return Listing.objects.select_related("primary_category").get(app=app)


@require_safe
@app_page()
def app_template_file(request: HttpRequest, app: App) -> HttpResponse:
    """The template, filled in with what the draft says, as a file."""
    answer = HttpResponse(_written(app), content_type="text/markdown; charset=utf-8")
    answer["Content-Disposition"] = content_disposition_header(True, f"{app.slug}-catalog.md") or ""
    add_never_cache_headers(answer)
    return answer


# --- One filled-in template ------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@app_page(can_edit_app)
def app_template_draft(request: HttpRequest, app: App, pk: int) -> HttpResponse:
    """What was read beside what stands now; `do` takes it over or drops it. 409 when the listing changed meanwhile."""
    draft = _draft(app, pk)
    if request.method != "POST":
        return _show_draft(request, app, draft, 200)
    try:
        if request.POST.get("do") == "drop":
            lifecycle.drop(acting(request), draft)
            return see_other(request, reverse("app-template", args=[app.slug]), "The template was dropped.")
        return _take_over(request, app, draft)
    except StaleState:
        # A second click, or somebody else's: the page says what became of it.
        return see_other(request, request.path)
    except StaleDraft:
        return _show_draft(request, app, draft, 409, is_stale=True)
    except ValidationError as problem:
        return _show_draft(request, app, draft, 422, error=problem.messages[0])


def _take_over(request: HttpRequest, app: App, draft: TemplateDraft) -> HttpResponse:
    changed = lifecycle.take_over(acting(request), draft, request.POST.getlist("take"), _revision(request))
    text = "Taken over into the listing." if changed else "The listing says all of this already."
    return see_other(request, reverse("app-listing", args=[app.slug]), saved(acting(request), app, "listing", text))


def _revision(request: HttpRequest) -> int:
    """Of the listing that the person saw. Without one it is an old page, too."""
    sent = request.POST.get("revision", "")
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else -1


def _draft(app: App, pk: int) -> TemplateDraft:
    found = get_object_or_404(TemplateDraft.objects.select_related("by", "taken_by"), pk=pk, app=app)
    found.app = app
    return found


def _show_draft(request: HttpRequest, app: App, draft: TemplateDraft, status: int, **more: Any) -> HttpResponse:
    listing = _listing(app)
    found = rows(app, listing, draft)
    chosen = request.POST.getlist("take") if request.method == "POST" else [row.name for row in found if row.can_take]
    shown = lines(draft)
    context = {
        "draft": draft,
        "rows": found,
        "chosen": chosen,
        "can_take": any(row.can_take for row in found),
        "general": [remark for remark in remarks_in(draft) if not remark.field],
        "remarks": len(draft.remarks),
        "lines": shown,
        "is_cut": len(shown) == MOST_LINES,
        "listing": listing,
        "now_pictures": _now_pictures(found, listing),
        "form": TemplateForm(initial={"text": draft.text, "replaces": draft.pk}),
        "may_edit": can_edit_app(request.user, app),
        **more,
    }
    return render(request, "metadata/draft.html", context, status=status)


def _now_pictures(found: list[Row], listing: Listing) -> dict[str, str]:
    """The addresses of the pictures that the listing has, by field."""
    stored = {row.name: getattr(listing, row.name) for row in found if row.is_picture}
    return {name: asset.url for name, asset in stored.items() if asset}


@csp_exempt()
@require_safe
@app_page()
def app_template_picture(request: HttpRequest, app: App, pk: int, name: str) -> HttpResponse:
    """A cleaned picture that came along with a template."""
    picture = _draft(app, pk).pictures.get(name)
    if picture is None:
        raise Http404
    return HttpResponse(picture["svg"], content_type=SVG_TYPE, headers=PICTURE_HEADERS)
