"""/apps/<slug>/components/function/ and /plugin/: the editor of a component's code (D21)."""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from apps_catalog import code_lifecycle, code_trying
from apps_catalog.code_editor import code_editor_page
from apps_catalog.code_forms import DEPLOY, OPEN, CodeForm, form_for
from apps_catalog.code_handlers import HANDLERS, METHODS
from apps_catalog.code_limits import MAX_CODE
from apps_catalog.console import DraftPage, acting, app_page, wants_json
from apps_catalog.kinds import page_of
from apps_catalog.models import App, Component
from apps_catalog.rules import can_edit_app
from apps_catalog.states import ComponentKind

# The last part of the address → the kind.
PARTS = {"function": ComponentKind.SUBSCRIPTION_FUNCTION, "plugin": ComponentKind.WEB_PLUGIN}
NEWEST = 5


@code_editor_page
@require_http_methods(["GET", "HEAD", "POST"])
@app_page(can_edit_app)
def app_component_code(request: HttpRequest, app: App, part: str) -> HttpResponse:
    """The editor. A POST that wants JSON keeps the draft; else `do` says: save, deploy, or open a file."""
    component = find_code(app, part)
    form = form_for(component.kind)(request.POST or None, request.FILES or None, component=component)
    form.is_version = not wants_json(request)
    page = code_page(request, component, part, lambda valid: _save(request, component, valid))
    return page.answer(request, form)


def code_page(
    request: HttpRequest, component: Component, part: str, save: Callable[[CodeForm], str], *, trying: Any = None
) -> DraftPage:
    """The page of the editor around a form of its own; `trying` is the form of `code_trying` when that was sent."""
    context = dict(_context(request, component.app, component, part))
    if context["may_edit"]:
        context["trying"] = trying or code_trying.form_of(request, component)
    return DraftPage(
        template="apps_catalog/console/function.html",
        save=save,
        revision=lambda: Component.objects.get(pk=component.pk).revision,
        done_url=editor_url(component),
        context=context,
    )


def editor_url(component: Component) -> str:
    return reverse(page_of(component.kind), args=[component.app.slug])


def find_code(app: App, part: str) -> Component:
    """The component of `part` (PARTS) with what is deployed. 404 without one."""
    found = app.components.filter(kind=PARTS[part]).select_related("deployed") if part in PARTS else None
    component = found.first() if found else None
    if component is None:
        raise Http404
    component.app = app
    return component


def _save(request: HttpRequest, component: Component, form: CodeForm) -> str:
    actor, revision = acting(request), form.cleaned_data["revision"]
    if wants_json(request):
        code_lifecycle.save_draft(actor, component, form.values(), revision)
        return ""
    if form.act == OPEN:
        why = f"Kept before {form.file_name} was opened"
        code_lifecycle.replace_draft(actor, component, form.opened_values(), revision, why=why)
        return f"{form.file_name} is in the editor. It is no version yet: look, then save."
    note, deploy = form.cleaned_data["note"], form.act == DEPLOY
    saved = code_lifecycle.save_version(actor, component, form.values(), revision, note=note, deploy=deploy)
    return _said(saved, deploy=deploy)


def _said(saved: code_lifecycle.Saved, *, deploy: bool) -> str:
    name = f"Version {saved.version.number}"
    if deploy:
        return f"{name} is deployed." if saved.is_deployed else f"{name} is deployed already."
    return f"{name} is saved." if saved.is_new else f"Nothing changed: this is {name.lower()} already."


def _context(request: HttpRequest, app: App, component: Component, part: str) -> Mapping[str, Any]:
    newest = list(component.code_versions.select_related("saved_by", "restored_from").defer("code")[:NEWEST])
    latest = code_lifecycle.latest_of(component)
    is_function = component.kind == ComponentKind.SUBSCRIPTION_FUNCTION
    return {
        "component": component,
        "part": part,
        "editor_url": editor_url(component),
        "is_function": is_function,
        "handlers": HANDLERS if is_function else METHODS,
        "versions": newest,
        "latest": latest,
        "is_saved": bool(latest and latest.content == code_lifecycle.content_of(component)),
        "deploys_at_once": code_lifecycle.deploys_at_once(app),
        "size": len(component.code.encode()),
        "limit": MAX_CODE,
        "may_edit": can_edit_app(request.user, app),
    }
