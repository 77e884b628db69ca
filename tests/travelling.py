"""Rows of an App by pull request, for tests/world.py and whoever needs one: plan, pull request, train, upkeep.

What GitHub told is written as rows; how it becomes rows is tested in pulls/tests.
"""

from datetime import date
from typing import Any

from django.utils import timezone

from accounts.models import User
from apps_catalog import lifecycle
from apps_catalog.models import App, Component
from apps_catalog.states import Collects, ComponentKind, Processes
from apps_catalog.versions import freeze
from metadata.models import TemplateDraft
from planning.models import FieldMapping, GuideTick, Plan, PlanComment, PlannedAction, SlackSeat
from pulls.models import CheckSuite, Delivery, PullRequest, PullReview, Repository
from runtime.github.pulls import Checks, Verdict
from trains.models import Departure, Freeze, Passenger
from upkeep.models import Inquiry
from upkeep.tests.rows import make_kept

REPOSITORY = "segmentio/action-destinations"
SHA = "a" * 40
BODY = "Sends orders to Acme, because customers ask for them.\n\n- [x] Added unit tests for new functionality\n"


def make_pull_component(app: App, actor: User, address: str = "") -> Component:
    """The destination by pull request of an App that has no component yet; `address` links its pull request."""
    component = lifecycle.choose_kinds(actor, app, Collects.SUBSCRIPTION, Processes.PULL_REQUEST, app.revision)
    assert component
    assert component.kind == ComponentKind.ACTIONS_DESTINATION
    Component.objects.filter(pk=component.pk).update(mode="cloud", pull_request=address)
    component.refresh_from_db()
    return component


def make_pull(app: App | None, number: int = 7, *, is_approved: bool = True, **fields: Any) -> PullRequest:
    """A pull request of which GitHub has told: checked, and reviewed unless `is_approved` is False; linked to `app`."""
    now = timezone.now().replace(microsecond=0)
    repository, _ = Repository.objects.get_or_create(name=REPOSITORY)
    values = {
        "app": app, "linked_at": now if app else None, "at": now, "head_sha": SHA, "base": "main", "author": "acme-dev",
        "title": f"Add {app or 'a destination'}", "body": BODY, "checks": Checks.PASSED,
        "verdict": Verdict.APPROVED if is_approved else Verdict.NONE, **fields,
    }  # fmt: skip
    pull = PullRequest.objects.create(repository=repository, number=number, **values)
    CheckSuite.objects.create(
        repository=repository, github_id=1000 + number, at=now, head_sha=pull.head_sha, status="completed",
        conclusion="success", program="github-actions",
    )  # fmt: skip
    if is_approved:
        PullReview.objects.create(
            pull=pull, github_id=2000 + number, at=now, submitted_at=now, state="approved", author="segment-dev",
            association="MEMBER", body="Good to go.", commit_sha=pull.head_sha,
        )  # fmt: skip
    if app:
        app.components.filter(kind=ComponentKind.ACTIONS_DESTINATION).update(pull_request=pull.url)
    return pull


def make_plan(app: App, owner: User, reviewer: User) -> Plan:
    """A complete plan with one action, about which the team has asked something and the partner has answered."""
    plan = Plan.objects.create(
        app=app, summary="Orders become deals.", auth_method="custom", auth_notes="The API key goes into a header.",
        revision=3,
    )  # fmt: skip
    action = PlannedAction.objects.create(
        plan=plan, key="sendOrder", name="Send order", trigger='type = "track" and event = "Order Completed"'
    )
    for position, (key, label, kind, default) in enumerate(
        (("userId", "User", "string", "$.userId"), ("total", "Total", "number", "$.properties.total"))
    ):
        FieldMapping.objects.create(
            action=action, key=key, label=label, type=kind, required=True, default=default, position=position
        )
    about = {"plan": plan, "section": "action", "action_key": action.key}
    PlanComment.objects.create(**about, author=reviewer, is_segment=True, text="Which currency?")
    PlanComment.objects.create(**about, author=owner, text="The shop’s own.")
    return plan


def make_passenger(app: App, pull: PullRequest, actor: User, **fields: Any) -> Passenger:
    """An approved version of the App that is on board, unless `fields` say otherwise."""
    now = timezone.now()
    values = {
        "state": "ready", "head_sha": pull.head_sha, "approved_at": now, "approved_by": actor, "ready_at": now, **fields
    }  # fmt: skip
    return Passenger.objects.create(app=app, version=freeze(app, actor), pull=pull, **values)


def make_travelling(people: dict[str, User], company: Any, brand: str = "Acme") -> dict[str, Any]:
    """Two Apps by pull request, one with a plan and its pull request, one on board; freezes, releases, a Slack seat."""
    owner, reviewer = people["owner"], people["reviewer"]
    app = lifecycle.create_app(owner, company, f"{brand} Atlas")
    make_pull_component(app, owner)
    plan = make_plan(app, owner, reviewer)
    pull = make_pull(app)
    Delivery.objects.create(guid=f"{brand}-1", event="pull_request", outcome="applied", pull=pull)
    GuideTick.objects.create(app=app, item="node", by=owner)
    riding = lifecycle.create_app(owner, company, f"{brand} Beacon")
    make_pull_component(riding, owner)
    merged = make_pull(riding, 8, merged_at=timezone.now(), is_open=False, merge_sha="b" * 40)
    riding.refresh_from_db()
    make_passenger(riding, merged, owner, state="departed", departed_at=timezone.now())
    passenger = make_passenger(riding, merged, owner)
    Freeze.objects.create(first=date(2030, 12, 20), last=date(2031, 1, 3), reason="End of the year")
    Departure.objects.create(day=date(2026, 1, 7))
    seat = SlackSeat.objects.create(company=company, user=owner)
    return {
        "pull_app": app.slug,
        "pull": pull.pk,
        "plan_action": "sendOrder",
        "plan_comment": plan.comments.filter(is_segment=True).get().pk,
        "plan": plan.pk,
        "guide_item": "node",
        "riding": riding.slug,
        "passenger": passenger.pk,
        "slack_seat": seat.pk,
    }


def make_upkeep(people: dict[str, User], app: App) -> dict[str, Any]:
    """A live App that fails its nightly checks, has launch content planned, and got an inquiry."""
    kept = make_kept(app, people["owner"])
    inquiry = Inquiry.objects.create(app=app, subject="Orders twice", text="Why?", forwarded_by=people["reviewer"])
    return {**kept, "inquiry": inquiry.pk}


def make_template(app: App, owner: User) -> TemplateDraft:
    """A template that was pasted, with a remark, and waits."""
    remark = {"field": "website", "line": 2, "text": "This is no address of a website."}
    svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 40"><rect width="200" height="40"/></svg>'
    return TemplateDraft.objects.create(
        app=app, way="pasted", by=owner, text="Name: Acme Forecast\nWebsite: soon", entry={"name": "Acme Forecast"},
        remarks=[remark], pictures={"logo": {"name": "logo.svg", "svg": svg, "report": {}}},
    )  # fmt: skip
