"""/apps/<slug>/plan/: what is going to be built, in parts that are saved one by one, and its exports."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps_catalog import drafting
from apps_catalog.console import DraftPage, acting, app_page, see_other
from apps_catalog.drafting import StaleDraft
from apps_catalog.models import App, Component
from planning import export, lifecycle, talk, team
from planning.completeness import gaps_of
from planning.document import markdown
from planning.forms import MOBILE, NO_MOBILE, ModeForm, PlanForm
from planning.models import Plan
from planning.models.plans import MOST_ACTIONS
from planning.reading import actions_of, component_of, judge, plan_of
from planning.rules import can_edit_plan, can_look
from planning.states import AuthMethod, Mode, Section
from planning.words import AUTH_TEXTS, MODE_TEXTS, Look, look_of

TEMPLATE = "planning/plan.html"
MOVED = "The plan was changed in the meantime. This is how it stands now; try again."
UNSEEN = (
    "The partner changed the plan while you read it, so nothing was said yet. This is how it stands now: look at it "
    "again, then say that building can start."
)


@require_http_methods(["GET", "HEAD", "POST"])
@app_page(can_edit_plan)
def app_plan(request: HttpRequest, app: App) -> HttpResponse:
    """The plan. POST: what the destination does, and how it logs in."""
    plan, component = plan_of(app), component_of(app)
    form = PlanForm(request.POST or None, plan=plan)
    mode_form = ModeForm(component=component) if component else None
    page = DraftPage(
        template=TEMPLATE,
        save=lambda valid: _save(request, app, valid),
        revision=lambda: plan_of(app).revision,
        done_url=request.path,
        context={**page_of(request, app, plan, component), "plan_form": form, "mode_form": mode_form},
    )
    return page.answer(request, form)


def _save(request: HttpRequest, app: App, form: PlanForm) -> str:
    lifecycle.save_plan(acting(request), app, form.values(), form.cleaned_data["revision"])
    return "The plan is saved."


@require_http_methods(["GET", "HEAD", "POST"])
@app_page(can_edit_plan)
def app_plan_mode(request: HttpRequest, app: App) -> HttpResponse:
    """Choose where it runs; the choice that does not exist is answered with what to do instead. 404 without one.

    A refused form stands at this address: looked at again, it is the plan.
    """
    if request.method != "POST":
        return see_other(request, reverse("app-plan", args=[app.slug]))
    plan, component = plan_of(app), component_of(app)
    if component is None:
        raise Http404
    form = ModeForm(request.POST, component=component)
    page = DraftPage(
        template=TEMPLATE,
        save=lambda valid: _save_mode(request, component, valid),
        revision=lambda: Component.objects.get(pk=component.pk).revision,
        done_url=reverse("app-plan", args=[app.slug]),
        context={**page_of(request, app, plan, component), "plan_form": PlanForm(plan=plan), "mode_form": form},
    )
    return page.answer(request, form)


def _save_mode(request: HttpRequest, component: Component, form: ModeForm) -> str:
    drafting.set_mode(acting(request), component, form.cleaned_data["mode"], form.cleaned_data["revision"])
    return "The connection mode is saved."


def page_of(request: HttpRequest, app: App, plan: Plan, component: Component | None) -> dict[str, Any]:
    """What the page shows besides its forms."""
    actions, allowed = actions_of(plan), may(request, app)
    said = talk.comments_of(plan, actions)
    return {
        "plan": plan,
        "component": component,
        "judged": [judge(action) for action in actions],
        "removed": lifecycle.removed_actions(plan) if allowed["may_edit"] else [],
        "settings": list(app.settings.all()),
        "gaps": gaps_of(app, component, plan, actions, said),
        "talk": {section.value: talk.about(said, section) for section in Section},
        "look": look_of(plan),
        "modes": [(mode.value, MODE_TEXTS[mode]) for mode in Mode],
        "auth_methods": [(method.value, AUTH_TEXTS[method]) for method in AuthMethod],
        "no_mobile": NO_MOBILE,
        "mobile": MOBILE,
        "limit": MOST_ACTIONS,
        **allowed,
    }


def may(request: HttpRequest, app: App) -> dict[str, bool]:
    """What the visitor may do here, for the templates of the plan."""
    edits = can_edit_plan(request.user, app)
    looks = not edits and can_look(request.user, app)
    return {"may_edit": edits, "may_talk": edits or looks, "may_look": looks}


# --- The team --------------------------------------------------------------------------------------------


@require_POST
@app_page(can_edit_plan)
def app_plan_ask(request: HttpRequest, app: App) -> HttpResponse:
    """Ask Segment's team to look; asking twice is asking once."""
    page = reverse("app-plan", args=[app.slug])
    try:
        team.ask_for_look(acting(request), app)
    except ValidationError as problem:
        messages.error(request, problem.messages[0])
        return see_other(request, page)
    return see_other(request, page, f"Segment’s team was asked to look. {_by(look_of(plan_of(app)))}")


def _by(look: Look) -> str:
    return f"They plan to by {look.due_in_words}." if look.due_in_words else ""


@require_POST
@app_page(can_look)
def app_plan_looked(request: HttpRequest, app: App) -> HttpResponse:
    """The team says that building can start, of the plan as it was shown (`revision`)."""
    page = reverse("app-plan", args=[app.slug])
    try:
        is_new = team.looked(acting(request), app, _sent_revision(request))
    except StaleDraft:
        messages.warning(request, UNSEEN)
        return see_other(request, page)
    if not is_new:
        messages.info(request, "The team has said so already; the partner knows.")
        return see_other(request, page)
    return see_other(request, page, "The partner was told that building can start.")


def _sent_revision(request: HttpRequest) -> int:
    """The revision that the form was made from; -1, which no plan has, without one."""
    sent = request.POST.get("revision", "")
    return int(sent) if sent.isdecimal() and len(sent) < 10 else -1


# --- Exports ---------------------------------------------------------------------------------------------


@require_safe
@app_page()
def app_plan_document(request: HttpRequest, app: App) -> HttpResponse:
    """The plan as a document, in Markdown."""
    name = content_disposition_header(as_attachment=True, filename=f"{app.slug}-plan.md")
    text = markdown(export.document(app), summary=plan_of(app).summary)
    return HttpResponse(text, content_type="text/markdown; charset=utf-8", headers={"Content-Disposition": str(name)})


@require_safe
@app_page()
def app_plan_json(request: HttpRequest, app: App) -> HttpResponse:
    """The plan as `devcenter-test actions --plan` reads it."""
    name = content_disposition_header(as_attachment=True, filename=f"{app.slug}-plan.json")
    answer = JsonResponse(export.document(app), json_dumps_params={"indent": 2, "ensure_ascii": False})
    answer["Content-Disposition"] = str(name)
    return answer


# --- The order of actions --------------------------------------------------------------------------------


@require_POST
@app_page(can_edit_plan)
def app_plan_action_move(request: HttpRequest, app: App, key: str) -> HttpResponse:
    """Move an action `up` or `down` by one place (`direction`)."""
    step = -1 if request.POST.get("direction") == "up" else 1
    try:
        lifecycle.move_action(acting(request), app, key, step, _sent_revision(request))
    except StaleDraft:
        messages.warning(request, MOVED)
    return see_other(request, f"{reverse('app-plan', args=[app.slug])}#actions")
