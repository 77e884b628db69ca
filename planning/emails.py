"""The words about a plan to the partner and to Segment's team. Only verbs call them."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from accounts.models import User
from notifications.outbox import announce, queue
from partners import queries
from planning.models import Plan, PlanComment
from planning.talk import place, talkers


def to_look_at(plan: Plan) -> None:
    """The partner asks the team to look, before building starts."""
    app = plan.app
    people = queries.reviewers_for(app.company_id)
    _tell(people, "plan_to_look_at", plan, f"A look at the plan of {app.name} is asked for.", f"asked:{_asked(plan)}")


def looked_at(plan: Plan) -> None:
    """Nobody of the team has (more) objections."""
    app = plan.app
    people = queries.editors_of(app.company_id)
    key = f"looked:{plan.looked_revision}:{_asked(plan)}"
    _tell(people, "plan_looked_at", plan, f"Segment’s team has looked at the plan of {app.name}.", key)


def commented(comment: PlanComment) -> None:
    """What the team says goes to the partner's people; what they say goes to those of the team who took part."""
    plan = comment.plan
    people = queries.editors_of(plan.app.company_id) if comment.is_segment else talkers(plan)
    author = comment.author.display_name if comment.author else ""
    keys = plan.actions.values_list("key", flat=True)
    url = place(plan, comment.section, comment.action_key, keys if comment.action_key else ())
    _tell(
        [person for person in people if person != comment.author], "plan_comment", plan,
        f"{author} said something about the plan of {plan.app.name}.", f"comment:{comment.pk}", url=url,
        author=author, message=comment.text,
    )  # fmt: skip


def _tell(people: Iterable[User], kind: str, plan: Plan, notice: str, key: str, *, url: str = "", **more: Any) -> None:
    app = plan.app
    url, key = url or reverse("app-plan", args=[app.slug]), f"plan:{plan.pk}:{key}"
    context, case = {"app": app, **more}, f"app:{app.pk}"
    for person in people:
        queue(
            kind, person, kind, context,
            notice=notice, url=url, case=case, dedupe_key=f"{key}:user:{person.pk}",
        )  # fmt: skip
    announce(kind, kind, context, url=url, case=case, dedupe_key=key, company=app.chain)


def _asked(plan: Plan) -> int:
    return int(plan.asked_at.timestamp() * 1000) if plan.asked_at else 0
