"""/apps/<slug>/plan/actions/…: one action with its fields, and what it would get from a sample event."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.undo import say_with_undo
from apps_catalog.console import DraftPage, acting, app_page, see_other
from apps_catalog.models import App
from planning import lifecycle, talk
from planning.action_forms import ActionForm, Typed
from planning.models import PlannedAction
from planning.models.plans import MOST_FIELDS
from planning.previews import preview
from planning.rules import can_edit_plan
from planning.states import Section
from planning.views.plan import may
from runtime.spec.events import samples

TEMPLATE = "planning/action.html"
# Where fields of most actions come from; offered while one types.
PATHS = (
    "$.userId", "$.anonymousId", "$.event", "$.timestamp", "$.messageId", "$.groupId", "$.name", "$.traits.email",
    "$.traits.firstName", "$.traits.lastName", "$.context.traits.email", "$.context.ip", "$.context.userAgent",
    "$.context.page.url", "$.context.locale", "$.properties", "$.properties.order_id", "$.properties.total",
    "$.properties.currency", "$.properties.products",
)  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@app_page(can_edit_plan, read_rule=can_edit_plan)
def app_plan_action_new(request: HttpRequest, app: App) -> HttpResponse:
    """A new action, which begins with the two fields that nearly all have."""
    return _page(request, app, None)


@require_http_methods(["GET", "HEAD", "POST"])
@app_page(can_edit_plan)
def app_plan_action(request: HttpRequest, app: App, key: str) -> HttpResponse:
    """One action. If it was removed in the meantime, what was typed stays, with a way to bring it back."""
    found = PlannedAction.every.filter(plan__app=app, key=key).select_related("plan").first()
    if found is None:
        raise Http404
    found.plan.app = app
    if found.removed_at is None:
        return _page(request, app, found)
    return _removed_meanwhile(request, app, found)


def _page(request: HttpRequest, app: App, action: PlannedAction | None) -> HttpResponse:
    if request.method != "POST":
        typed = Typed.saved(action) if action else Typed.first()
        return _show(request, app, action, typed)
    typed = Typed.sent(request.POST)
    if (pressed := typed.pressed(request.POST)) or "preview" in request.POST:
        return _show(request, app, action, pressed or typed)
    form = ActionForm(request.POST, action=action, typed=typed, revision=0)
    page = DraftPage(
        template=TEMPLATE,
        save=lambda valid: _save(request, app, action, valid),
        revision=lambda: PlannedAction.every.get(pk=action.pk).revision if action else 0,
        done_url=reverse("app-plan-action", args=[app.slug, action.key]) if action else _plan_page(app),
        context=_context(request, app, action, typed),
    )
    return page.answer(request, form)


def _plan_page(app: App) -> str:
    return f"{reverse('app-plan', args=[app.slug])}#actions"


def _show(request: HttpRequest, app: App, action: PlannedAction | None, typed: Typed) -> HttpResponse:
    """The form with what stands in it, not judged: nothing is saved by a button of a row."""
    sent = request.POST.get("revision", "")
    revision = int(sent) if sent.isdecimal() and len(sent) < 10 else action.revision if action else 0
    form = ActionForm(action=action, typed=typed, revision=revision)
    context = {"form": form, "is_typed": request.method == "POST", **_context(request, app, action, typed)}
    return render(request, TEMPLATE, context)


def _save(request: HttpRequest, app: App, action: PlannedAction | None, form: ActionForm) -> str:
    values, fields = form.values(), form.field_rows()
    if action is None:
        added = lifecycle.add_action(acting(request), app, values, fields)
        return f"{added.name} is added. Its key is {added.key}."
    lifecycle.edit_action(acting(request), action, values, fields, form.cleaned_data["revision"])
    return f"{values['name']} is saved."


def _context(request: HttpRequest, app: App, action: PlannedAction | None, typed: Typed) -> dict[str, Any]:
    said = talk.comments_of(action.plan, [action]) if action else []
    return {
        "action": action,
        "preview": preview(str(typed.own.get("trigger", "")), typed.wanted(), request.POST.get("sample", "")),
        "samples": list(samples()),
        "said": talk.about(said, Section.ACTION, action.key) if action else [],
        "paths": PATHS,
        "most_fields": MOST_FIELDS,
        **may(request, app),
    }


def _removed_meanwhile(request: HttpRequest, app: App, action: PlannedAction) -> HttpResponse:
    if request.method != "POST":
        messages.warning(request, f"{action.name} was removed. Bring it back to edit it.")
        return see_other(request, _plan_page(app))
    typed = Typed.sent(request.POST)
    form = ActionForm(action=action, typed=typed, revision=action.revision)
    context = {"form": form, "is_removed": True, "is_typed": True, **_context(request, app, action, typed)}
    return render(request, TEMPLATE, context, status=409)


@require_POST
@app_page(can_edit_plan)
def app_plan_preview(request: HttpRequest, app: App) -> HttpResponse:
    """What is typed right now, tried on a sample event: the part of the page that changes. Saves nothing."""
    typed = Typed.sent(request.POST)
    shown = preview(str(typed.own["trigger"]), typed.wanted(), request.POST.get("sample", ""))
    return render(request, "planning/_preview.html", {"preview": shown})


# --- Removing and bringing back --------------------------------------------------------------------------


@require_POST
@app_page(can_edit_plan)
def app_plan_action_remove(request: HttpRequest, app: App, key: str) -> HttpResponse:
    """Take an action out, with a way back; removing what is gone is fine."""
    if lifecycle.remove_action(acting(request), app, key):
        name = PlannedAction.every.get(plan__app=app, key=key).name
        say_with_undo(request, f"{name} is removed.", reverse("app-plan-action-restore", args=[app.slug, key]))
        return see_other(request, _plan_page(app))
    return see_other(request, _plan_page(app), "The action is removed.")


@require_POST
@app_page(can_edit_plan)
def app_plan_action_restore(request: HttpRequest, app: App, key: str) -> HttpResponse:
    """Bring a removed action back with its fields; twice is once."""
    try:
        is_back = lifecycle.restore_action(acting(request), app, key)
    except ValidationError as problem:
        messages.error(request, problem.messages[0])
        return see_other(request, _plan_page(app))
    if not is_back and not PlannedAction.objects.filter(plan__app=app, key=key).exists():
        messages.warning(request, "This action is gone for good. Add it again.")
        return see_other(request, _plan_page(app))
    return see_other(request, _plan_page(app), "The action is back in its place.")
