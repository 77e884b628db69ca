"""The verbs between the partner and Segment's team before building starts: asking, saying, settling, having looked."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import User
from apps_catalog.drafting import StaleDraft, require_editor
from apps_catalog.models import App
from audit.recording import record
from planning import emails, rules
from planning.models import Plan, PlanComment, PlannedAction
from planning.states import Section
from planning.talk import MOST_COMMENTS

# Asked, and nobody of the team has looked since.
WAITING = Q(asked_at__isnull=False) & (Q(looked_at__isnull=True) | Q(looked_at__lt=F("asked_at")))


def is_waiting(plan: Plan) -> bool:
    """Whether it is the team's turn to look."""
    return plan.asked_at is not None and (plan.looked_at is None or plan.looked_at < plan.asked_at)


@transaction.atomic
def ask_for_look(actor: User, app: App) -> bool:
    """Ask Segment's team to look at the plan. False when they were asked already. No plan, nothing to look at."""
    require_editor(actor, app)
    plan = Plan.objects.filter(app=app).first()
    if plan is None:
        raise ValidationError("There is nothing to look at yet. Write the plan first.")
    free = Plan.objects.filter(pk=plan.pk).exclude(WAITING)
    if not free.update(asked_at=timezone.now(), asked_revision=F("revision")):
        return False
    plan.refresh_from_db()
    record(actor, "plan.look_asked", app, chain=app.chain, revision=plan.revision)
    emails.to_look_at(plan)
    return True


@transaction.atomic
def looked(actor: User, app: App, revision: int) -> bool:
    """The team has looked at this `revision`, and building can start. False when it said so of it already.

    Raises StaleDraft when the plan has changed since, so that nobody agrees to what they have not seen.
    """
    _require_team(actor, app)
    plan, _ = Plan.objects.get_or_create(app=app)
    seen = Plan.objects.filter(pk=plan.pk, revision=revision)
    unsaid = seen.filter(WAITING | Q(looked_revision=None) | ~Q(looked_revision=revision))
    if not unsaid.update(looked_at=timezone.now(), looked_by=actor, looked_revision=revision):
        if not seen.exists():
            raise StaleDraft(plan)
        return False
    plan.refresh_from_db()
    record(actor, "plan.looked_at", app, chain=app.chain, revision=plan.revision)
    emails.looked_at(plan)
    return True


def _require_team(actor: User, app: App) -> None:
    if not rules.can_look(actor, app):
        raise PermissionDenied


@transaction.atomic
def say(actor: User, app: App, section: str, text: str, action_key: str = "") -> PlanComment:
    """Say something about a part of the plan; saying the same twice in a row is saying it once.

    Raises ValidationError for a part that there is not, and when enough was said.
    """
    if not rules.can_talk(actor, app):
        raise PermissionDenied
    plan, _ = Plan.objects.get_or_create(app=app)
    # Two clicks at once wait for each other here.
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    _check_part(plan, section, action_key)
    comments = plan.comments.filter(section=section, action_key=action_key)
    last = comments.last()
    if last is not None and (last.author_id, last.text, last.settled_at) == (actor.pk, text, None):
        return last
    is_segment = rules.can_look(actor, app)
    comment = comments.create(
        plan=plan, section=section, action_key=action_key, author=actor, is_segment=is_segment, text=text
    )
    record(actor, "plan.commented", app, chain=app.chain, comment=comment.pk, section=section)
    emails.commented(comment)
    return comment


def _check_part(plan: Plan, section: str, action_key: str) -> None:
    is_action = section == Section.ACTION
    if section not in Section.values or is_action != bool(action_key):
        raise ValidationError("Say which part of the plan it is about.")
    if is_action and not PlannedAction.objects.filter(plan=plan, key=action_key).exists():
        raise ValidationError("This action was removed meanwhile. Say it about the plan as a whole.")
    if plan.comments.count() >= MOST_COMMENTS:
        raise ValidationError(f"There are {MOST_COMMENTS} comments already. Go on in the App’s thread.")


@transaction.atomic
def settle(actor: User, comment: PlanComment) -> bool:
    """Close a comment; either side may. False when it is closed already."""
    app = comment.plan.app
    if not rules.can_talk(actor, app):
        raise PermissionDenied
    is_open = PlanComment.objects.filter(pk=comment.pk, settled_at__isnull=True)
    if not is_open.update(settled_at=timezone.now(), settled_by=actor):
        return False
    record(actor, "plan.comment_settled", app, chain=app.chain, comment=comment.pk)
    return True
