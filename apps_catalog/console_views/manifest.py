"""/apps/<slug>/manifest/ and /apps/new/manifest/: the whole draft as one text."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods, require_safe

from apps_catalog import manifest
from apps_catalog.code_editor import code_editor_page
from apps_catalog.console import acting, app_page, see_other
from apps_catalog.console_views.app_new import creatable_companies
from apps_catalog.drafting import StaleDraft
from apps_catalog.going_live import saved
from apps_catalog.manifest_editing import (
    MAX_TEXT,
    STARTER,
    Check,
    check_edit,
    check_new,
    parts_of,
    write,
)
from apps_catalog.manifest_forms import APPLY, ManifestForm, NewManifestForm
from apps_catalog.manifest_images import with_files
from apps_catalog.manifest_values import ManifestError
from apps_catalog.models import App
from apps_catalog.rules import can_edit_app

EDIT_TEMPLATE, NEW_TEMPLATE = "apps_catalog/console/manifest.html", "apps_catalog/console/manifest_new.html"
SAME_CLICK = timedelta(minutes=2)


# --- The draft of an App -----------------------------------------------------------------------------------


@code_editor_page
@require_http_methods(["GET", "HEAD", "POST"])
@app_page(can_edit_app)
def app_manifest(request: HttpRequest, app: App) -> HttpResponse:
    """The draft as text: 422 with problems, 409 when it was changed elsewhere, 200 with what would change."""
    if request.method != "POST":
        draft = manifest.export(app)
        form = ManifestForm(initial={"text": write(draft), "base": manifest.fingerprint_of(draft)})
        return _edit_page(request, app, form, 200)
    form = ManifestForm(request.POST, request.FILES)
    if not form.is_valid():
        return _edit_page(request, app, form, 422)
    check = check_edit(app, form.cleaned_data["text"], acting(request))
    if not check.is_fine:
        return _edit_page(request, app, form, 422, check)
    if form.act == APPLY and form.shows_the_checked_text:
        return _apply(request, app, form, check)
    return _show_changes(request, app, form, check)


def _apply(request: HttpRequest, app: App, form: ManifestForm, check: Check) -> HttpResponse:
    try:
        is_other = manifest.apply_to(app, check.data, actor=acting(request), expected=form.cleaned_data["base"])
    except StaleDraft:
        # A second click finds its own work done already, which is no conflict.
        if not check.changes:
            return see_other(request, reverse("app-manifest", args=[app.slug]), "The draft says this already.")
        return _show_changes(request, app, form, check)
    except ManifestError as problem:  # true a moment ago: somebody took the last version meanwhile
        form.add_error("text", str(problem))
        return _edit_page(request, app, form, 422)
    text = "The draft says this already."
    if is_other:
        text = saved(acting(request), app, "", f"Applied: {parts_of(check.changes)} changed.")
    return see_other(request, reverse("app-manifest", args=[app.slug]), text)


def _show_changes(request: HttpRequest, app: App, form: ManifestForm, check: Check) -> HttpResponse:
    """What would change, against the draft as it stands now; applying from here on replaces that draft."""
    now = manifest.fingerprint(App.objects.get(pk=app.pk))
    is_stale = form.cleaned_data["base"] != now and bool(check.changes)
    form.show(base=now, checked=check.digest)
    saved = write(manifest.export(App.objects.get(pk=app.pk))) if is_stale else ""
    return _edit_page(request, app, form, 409 if is_stale else 200, check, is_stale=is_stale, saved=saved)


def _edit_page(
    request: HttpRequest, app: App, form: ManifestForm, status: int, check: Check | None = None, **more: Any
) -> HttpResponse:
    may_edit = can_edit_app(request.user, app)
    if not may_edit:
        form.fields["text"].widget.attrs["readonly"] = True
    context = {"form": form, "check": check, "may_edit": may_edit, "limit": MAX_TEXT, **more}
    return render(request, EDIT_TEMPLATE, context, status=status)


@require_safe
@app_page()
def app_manifest_file(request: HttpRequest, app: App) -> HttpResponse:
    """The saved draft as a file. `?pictures=1` puts its pictures in, so that it can be read at another place."""
    draft = manifest.export(app)
    text = write(with_files(draft) if request.GET.get("pictures") else draft)
    answer = HttpResponse(text, content_type="application/json; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{app.slug}.json"'
    add_never_cache_headers(answer)
    return answer


# --- A new App ---------------------------------------------------------------------------------------------


@code_editor_page
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def app_new_manifest(request: HttpRequest) -> HttpResponse:
    """A new App out of a text: checked, shown in words, then made."""
    companies = creatable_companies(request.user)
    if not companies:
        return render(request, "apps_catalog/console/new_denied.html", status=403)
    if request.method != "POST":
        return _new_page(request, NewManifestForm(companies=companies, initial={"text": write(STARTER)}), 200)
    form = NewManifestForm(request.POST, request.FILES, companies=companies)
    if not form.is_valid():
        return _new_page(request, form, 422)
    if form.act == APPLY and (made := _just_made(request, form)):
        messages.info(request, f"{made.name} exists already: you have just created it.")
        return see_other(request, reverse("app-manifest", args=[made.slug]))
    check = check_new(form.cleaned_data["company"], form.cleaned_data["text"], acting(request))
    if not check.is_fine:
        return _new_page(request, form, 422, check)
    if form.act == APPLY and form.shows_the_checked_text:
        return _make(request, form, check)
    form.show(checked=check.digest)
    return _new_page(request, form, 200, check)


def _make(request: HttpRequest, form: NewManifestForm, check: Check) -> HttpResponse:
    try:
        app = manifest.apply(check.data, company=form.cleaned_data["company"], actor=acting(request))
    except ManifestError as problem:
        form.add_error("text", str(problem))
        return _new_page(request, form, 422)
    request.session["made_from"] = [check.digest, app.slug, timezone.now().timestamp()]
    return see_other(request, reverse("app-detail", args=[app.slug]), f"{app.name} is there.")


def _just_made(request: HttpRequest, form: NewManifestForm) -> App | None:
    """The App that the first of two clicks made out of this very text."""
    digest, slug, at = request.session.get("made_from", ["", "", 0])
    if digest != form.cleaned_data["checked"] or timezone.now().timestamp() - at > SAME_CLICK.total_seconds():
        return None
    return App.objects.visible_to(request.user).filter(slug=slug).first()


def _new_page(request: HttpRequest, form: NewManifestForm, status: int, check: Check | None = None) -> HttpResponse:
    context = {"form": form, "check": check, "limit": MAX_TEXT, "companies": form.companies}
    return render(request, NEW_TEMPLATE, context, status=status)
