"""Versions of the rubric: a draft is copied from what is in force, previewed, and switched on."""

from dataclasses import dataclass

import structlog
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from audit.recording import actor_name, record
from leases.transitions import StaleState, move
from reviews import rubric_seen
from reviews.models import Rubric, Rule, Submission
from reviews.rubric import RuleResult, judge_by, rules_in_force
from reviews.rubric_checks import REGISTRY
from reviews.states import RubricState

log = structlog.get_logger(__name__)

PREVIEWED = 20
# Rubric versions belong to no company: they are recorded where the policy's versions are.
CHAIN = "settings"
COPIED = ("rule_id", "position", "step", "title", "text", "severity", "check_name", "canned", "applies_from", "kinds")
ONE_DRAFT = "There is a draft already. Edit it, or delete it first."


def can_edit_rubric(user: User) -> bool:
    """Whoever may change rubrics in the admin."""
    return user.is_active and user.is_staff and user.has_perm("reviews.change_rubric")


@transaction.atomic
def start_draft(actor: User, note: str = "") -> Rubric:
    """A new draft with the rules in force. Raises ValidationError while there is another one."""
    _require_editor(actor)
    try:
        with transaction.atomic():
            draft = Rubric.objects.create(note=note, created_by=actor)
    except IntegrityError:
        raise ValidationError(ONE_DRAFT, code="one_draft") from None
    current = Rubric.in_force()
    rules = current.rules.all() if current else []
    Rule.objects.bulk_create(Rule(rubric=draft, **{name: getattr(rule, name) for name in COPIED}) for rule in rules)
    record(actor, "rubric.drafted", draft, chain=CHAIN, copied_from=current.pk if current else None)
    return draft


@transaction.atomic
def switch_on(draft: Rubric, actor: User) -> None:
    """From now on submissions are judged by `draft`; those that were handed in before keep their version.

    Raises StaleState when it is no draft any more, ValidationError for a draft that cannot judge.
    """
    _require_editor(actor)
    locked = Rubric.objects.select_for_update().get(pk=draft.pk)
    if not locked.is_draft:
        raise StaleState(locked, "state")
    check_rules(list(locked.rules.all()))
    now, former = timezone.now(), Rubric.objects.filter(state=RubricState.IN_FORCE).first()
    if former:
        move(former, "state", from_={RubricState.IN_FORCE}, to=RubricState.RETIRED)
    move(draft, "state", from_={RubricState.DRAFT}, to=RubricState.IN_FORCE, switched_on_at=now, switched_on_by=actor)
    record(actor, "rubric.switched_on", draft, chain=CHAIN, former=former.pk if former else None)
    log.info("rubric_switched_on", rubric=draft.pk, actor=actor_name(actor))


def lock_draft(rubric: Rubric, actor: User, act: str) -> None:
    """Hold a draft in the caller's transaction, and record that it is “edited” or “discarded”.

    Raises PermissionDenied when it was switched on meanwhile.
    """
    _require_editor(actor)
    if not Rubric.objects.select_for_update().filter(pk=rubric.pk, state=RubricState.DRAFT).exists():
        raise PermissionDenied("A version that was in force is never edited.")
    record(actor, f"rubric.{act}", rubric, chain=CHAIN)


def check_rules(rules: list[Rule]) -> None:
    """Raise ValidationError for what no rubric can be: empty, or with a machine check that does not exist."""
    if not rules:
        raise ValidationError("A rubric needs at least one rule.")
    unknown = sorted({rule.check_name for rule in rules if rule.check_name} - set(REGISTRY))
    if unknown:
        raise ValidationError(f"There is no machine check “{unknown[0]}”. Choose another for its rule.")


def _require_editor(actor: User) -> None:
    if not can_edit_rubric(actor):
        raise PermissionDenied("Rubrics are edited by administrators.")


# --- Preview ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Change:
    """What one rule says about one submission, by the version in force and by the draft; None: not judged by it."""

    submission: Submission
    before: RuleResult | None
    after: RuleResult | None

    @property
    def rule_id(self) -> str:
        known = self.after or self.before
        return known.rule_id if known else ""

    @property
    def is_harder(self) -> bool:
        """Whether the draft would stop what passes today."""
        return bool(self.after and self.after.blocks and not (self.before and self.before.blocks))


@dataclass(frozen=True, slots=True)
class Preview:
    """`submissions` are those that were looked at, the newest first; `changes` only what would be different."""

    submissions: list[Submission]
    changes: list[Change]

    @property
    def newly_blocked(self) -> int:
        """How many submissions would be stopped by something that does not stop them today."""
        return len({change.submission.pk for change in self.changes if change.is_harder})


def preview(draft: Rubric, count: int = PREVIEWED) -> Preview:
    """Judge the last submissions by both versions; a constant number of queries.

    Rules of the draft that are announced for later count as if their day had come.
    """
    rows = Submission.objects.select_related("app", "version").order_by("-submitted_at", "-pk")
    submissions = list(rows[:count])
    seen = rubric_seen.of_submissions(submissions)
    current, coming = rules_in_force(), list(draft.rules.all())
    changes: list[Change] = []
    for one in submissions:
        before, after = judge_by(current, seen[one.pk]), judge_by(coming, seen[one.pk])
        changes += _differences(one, before, after)
    return Preview(submissions, changes)


def _differences(submission: Submission, before: list[RuleResult], after: list[RuleResult]) -> list[Change]:
    old, new = ({result.rule_id: result for result in results} for results in (before, after))
    ids = [*new, *(rule_id for rule_id in old if rule_id not in new)]
    pairs = [(old.get(rule_id), new.get(rule_id)) for rule_id in ids]
    return [Change(submission, was, will) for was, will in pairs if _verdict(was) != _verdict(will)]


def _verdict(result: RuleResult | None) -> str | None:
    return result.machine if result else None
