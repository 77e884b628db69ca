"""What a plan still lacks before building starts (S14, S15): the checklist's item “plan” is done when nothing does."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.urls import reverse

from apps_catalog.models import App, Component
from planning import talk
from planning.models import Plan, PlannedAction
from planning.reading import Judged, actions_of, component_of, judge, plan_of
from planning.states import AuthMethod, Mode

# How the log-in works has to be said in words, where the method alone does not say it.
_WANT_NOTES = frozenset({AuthMethod.CUSTOM, AuthMethod.OAUTH2})
# What a mode cannot do (D24): there is no secret in a browser, and no browser on Segment's servers.
_UNFIT: dict[tuple[str, str], str] = {
    (Mode.CLOUD, AuthMethod.BROWSER): "The browser log-in is for device mode. Choose how Segment’s servers log in.",
    (Mode.DEVICE, AuthMethod.BASIC): "A password does not stay secret in a browser. Choose the browser log-in.",
    (Mode.DEVICE, AuthMethod.OAUTH2): "A token does not stay secret in a browser. Choose the browser log-in.",
}


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that is missing: why, in a sentence, and where it is closed."""

    text: str
    url: str


def gaps(app: App) -> list[Gap]:
    """Everything that is missing, in the order of the page; empty when the plan is complete. Six queries at most."""
    component, plan = component_of(app), plan_of(app)
    actions = actions_of(plan)
    return gaps_of(app, component, plan, actions, talk.comments_of(plan, actions))


def gaps_of(
    app: App, component: Component | None, plan: Plan, actions: Sequence[PlannedAction], comments: Sequence[talk.Said]
) -> list[Gap]:
    """The same for what is loaded already; no queries."""
    return [
        *_basics(app, component, plan),
        *_actions(app, [judge(action) for action in actions]),
        *_questions(app, comments),
    ]


def _basics(app: App, component: Component | None, plan: Plan) -> Iterator[Gap]:
    page = reverse("app-plan", args=[app.slug])
    if component is None:
        yield Gap("Add the destination by pull request first.", reverse("app-components", args=[app.slug]))
        return
    if not component.mode:
        yield Gap("Choose where the destination runs.", f"{page}#id_mode")
    if not plan.summary:
        yield Gap("Say in a few sentences what the destination does.", f"{page}#id_summary")
    if not plan.auth_method:
        yield Gap("Choose how a customer’s destination logs in.", f"{page}#id_auth_method")
    elif unfit := _UNFIT.get((component.mode, plan.auth_method)):
        yield Gap(unfit, f"{page}#id_auth_method")
    elif plan.auth_method in _WANT_NOTES and not plan.auth_notes:
        yield Gap("Say how the log-in works: which settings, and where they go.", f"{page}#id_auth_notes")


def _actions(app: App, judged: Sequence[Judged]) -> Iterator[Gap]:
    if not judged:
        yield Gap("Add the first action.", reverse("app-plan-action-new", args=[app.slug]))
    for each in judged:
        page = reverse("app-plan-action", args=[app.slug, each.action.key])
        if not each.action.fields.all():
            yield Gap(f"{each.action.name}: add the fields that it takes.", f"{page}#fields")
        elif each.blocking:
            yield Gap(f"{each.action.name}: {each.blocking[0].text}", f"{page}#remarks")


def _questions(app: App, comments: Sequence[talk.Said]) -> Iterator[Gap]:
    for said in talk.unanswered(comments):
        yield Gap(f"Segment’s team has a remark on {said.about}: answer it.", f"{said.url}")
