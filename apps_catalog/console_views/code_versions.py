"""/apps/<slug>/components/<function|plugin>/versions/: every saved version, compared, brought back, deployed (D21)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from apps_catalog import code_lifecycle
from apps_catalog.code_differences import counts, pairs, rows
from apps_catalog.console import acting, app_page, see_other
from apps_catalog.console_views.code import editor_url, find_code
from apps_catalog.models import App, CodeVersion, Component
from apps_catalog.rules import can_edit_app

PAGE_SIZE = 25
# What a version is compared with, besides a number.
DRAFT, DEPLOYED, BEFORE = "draft", "deployed", "before"
MAX_NUMBER = 2**31 - 1


@require_safe
@app_page()
def app_code_versions(request: HttpRequest, app: App, part: str) -> HttpResponse:
    """All versions, the newest first."""
    component = find_code(app, part)
    versions = component.code_versions.select_related("saved_by", "restored_from").defer("code", "restored_from__code")
    page = Paginator(versions, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page_obj": page, "versions": page.object_list, **_common(request, app, component, part)}
    return render(request, "apps_catalog/console/function_versions.html", context)


@require_safe
@app_page()
def app_code_version(request: HttpRequest, app: App, part: str, number: int) -> HttpResponse:
    """One version and what separates it from another: `with` (a number, draft, deployed, before), `view=split`."""
    component = find_code(app, part)
    version = _find(component, number)
    other = _other(component, version, request.GET.get("with", BEFORE))
    found = rows(other.code, version.code) if other else []
    added, removed = counts(found)
    context = {
        "version": version,
        "other": other,
        "rows": found,
        "pairs": list(pairs(found)) if request.GET.get("view", "split") == "split" else [],
        "is_split": request.GET.get("view", "split") == "split",
        "added": added,
        "removed": removed,
        "with": request.GET.get("with", BEFORE),
        "numbers": component.code_versions.exclude(pk=version.pk).values_list("number", flat=True)[:PAGE_SIZE],
        **_common(request, app, component, part),
    }
    return render(request, "apps_catalog/console/function_version.html", context)


@require_POST
@app_page(can_edit_app)
def app_code_restore(request: HttpRequest, app: App, part: str, number: int) -> HttpResponse:
    """Bring a version back as the newest one, into the editor."""
    component = find_code(app, part)
    saved = code_lifecycle.restore_version(acting(request), component, _find(component, number).number)
    text = f"Version {number} is back, as version {saved.version.number}." if saved.is_new else "It is there already."
    return see_other(request, editor_url(component), text)


@require_POST
@app_page(can_edit_app)
def app_code_deploy(request: HttpRequest, app: App, part: str, number: int) -> HttpResponse:
    """Run a saved version on live events; refused in words where only an approval deploys."""
    component = find_code(app, part)
    try:
        is_new = code_lifecycle.deploy_version(acting(request), component, _find(component, number).number)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
        return see_other(request, editor_url(component))
    text = f"Version {number} is deployed." if is_new else f"Version {number} is deployed already."
    return see_other(request, editor_url(component), text)


@dataclass(frozen=True, slots=True)
class Other:
    """What a version is compared with."""

    name: str
    code: str


def _find(component: Component, number: int) -> CodeVersion:
    if number > MAX_NUMBER:
        raise Http404
    versions = component.code_versions.select_related("saved_by", "restored_from")
    return get_object_or_404(versions, number=number)


def _other(component: Component, version: CodeVersion, wanted: str) -> Other | None:
    """None when there is no such thing: the first version has none before it."""
    if wanted == DRAFT:
        return Other("the draft", component.code)
    if wanted == DEPLOYED:
        return _named(component.deployed)
    if wanted.isascii() and wanted.isdigit() and int(wanted[:10]) <= MAX_NUMBER:
        return _named(component.code_versions.filter(number=int(wanted[:10])).first())
    return _named(component.code_versions.filter(number__lt=version.number).first())


def _named(version: CodeVersion | None) -> Other | None:
    return Other(f"version {version.number}", version.code) if version else None


def _common(request: HttpRequest, app: App, component: Component, part: str) -> Mapping[str, Any]:
    latest = component.code_versions.values_list("number", flat=True).first()
    return {
        "app": app,
        "component": component,
        "part": part,
        "latest_number": latest,
        "editor_url": editor_url(component),
        "deploys_at_once": code_lifecycle.deploys_at_once(app),
        "may_edit": can_edit_app(request.user, app),
    }
