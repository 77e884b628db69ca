"""The one judge: the same rules for the partner's pre-flight and for the reviewer's page."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from apps_catalog.models import App
from partners.clock import in_office_zone
from partners.models import Policy
from reviews import rubric_seen
from reviews.checklist import Checklist, checklist
from reviews.models import Rule, Submission
from reviews.rubric_checks import NOT_FROZEN, REGISTRY, Found, is_run_here
from reviews.rubric_seen import Seen
from reviews.states import Machine, ReviewStep, Severity

ONLY_A_PERSON = "A reviewer looks at this."
# Check → title and text of its rule where the Test Suite can run nothing: the same question, asked otherwise.
BY_PULL = {
    "proof": ("The checks at GitHub passed", "The newest commit of the pull request passed each of its checks."),
    "reviewer_run": (
        "It works with the test account",
        "A reviewer tries what is deployed, or runs it from the branch.",
    ),
}


@dataclass(frozen=True, slots=True)
class RuleResult:
    """One rule and what the machine says about it.

    `machine`: pass, warn, fail, person (a person has to look) or none (nothing to look at). `evidence` is a
    sentence, `evidence_url` where the partner mends it ("" where there is no such place).
    """

    rule_id: str
    step: str
    title: str
    text: str
    severity: str
    machine: str
    evidence: str = ""
    evidence_url: str = ""
    canned: tuple[str, ...] = ()
    check_name: str = ""

    @property
    def blocks(self) -> bool:
        """Whether it stands in the way of submitting."""
        return self.machine == Machine.FAIL and self.severity == Severity.BLOCKING

    @property
    def anchor(self) -> str:
        """Where docs/review.md explains it."""
        return self.rule_id.replace("_", "-")

    # Names by which an item of the checklist has the same things, for lists of what is missing.
    @property
    def reason(self) -> str:
        return self.evidence

    @property
    def url(self) -> str:
        return self.evidence_url


@dataclass(frozen=True, slots=True)
class StepResults:
    """The rules of one published step of S29."""

    step: ReviewStep
    results: list[RuleResult]

    @property
    def counts(self) -> Counter[str]:
        return Counter(result.machine for result in self.results)


def judge(submission: Submission) -> list[RuleResult]:
    """By the rubric in force when it was submitted; at most half a dozen queries, `version` loaded or one more."""
    rules = rules_in_force(submission.submitted_at)
    return judge_by(rules, rubric_seen.of_submissions([submission])[submission.pk])


def judge_draft(app: App, listed: Checklist | None = None) -> list[RuleResult]:
    """By the rubric in force now, as the reviewer would see it if the draft were submitted this moment.

    At most two dozen queries whatever the App holds; fewer with its checklist `listed` at hand.
    """
    listed = listed or checklist(app, Policy.current())
    return judge_by(rules_in_force(), rubric_seen.of_draft(app, listed))


def broken(app: App, listed: Checklist) -> list[RuleResult]:
    """The blocking rules that the draft does not meet: with them it cannot be submitted."""
    return [result for result in judge_draft(app, listed) if result.blocks]


def by_step(results: Iterable[RuleResult]) -> list[StepResults]:
    """In the order of S29; steps without rules are left out."""
    found: dict[str, list[RuleResult]] = {}
    for result in results:
        found.setdefault(result.step, []).append(result)
    return [StepResults(step, found[step]) for step in ReviewStep if step in found]


def rules_in_force(at: datetime | None = None) -> list[Rule]:
    """The rules that hold at that moment, by default now; those announced for a later day are not among them."""
    return applying(Rule.objects.in_force(at), day_of(at or timezone.now()))


def applying(rules: Iterable[Rule], day: date) -> list[Rule]:
    return [rule for rule in rules if rule.applies_from is None or rule.applies_from <= day]


def day_of(moment: datetime) -> date:
    """The date at Segment's office, where rules begin to apply."""
    return in_office_zone(moment).date()


def judge_by(rules: Sequence[Rule], seen: Seen) -> list[RuleResult]:
    """Pure: the same rules and the same things seen give the same results."""
    here = is_run_here(seen)
    return [_result(rule, look(rule, seen), is_run_here=here) for rule in rules if concerns(rule, seen)]


def concerns(rule: Rule, seen: Seen) -> bool:
    """Whether the App has a component of a kind that the rule is about."""
    kinds = {part.get("kind") for part in seen.manifest.get("components") or ()}
    return not rule.kinds or not kinds.isdisjoint(rule.kinds)


def look(rule: Rule, seen: Seen) -> Found:
    """What the rule's check finds; a check that is gone is left to a person."""
    if not rule.check_name:
        return Found(Machine.PERSON, ONLY_A_PERSON)
    check = REGISTRY.get(rule.check_name)
    return check(seen) if check else Found(Machine.PERSON, NOT_FROZEN)


def _result(rule: Rule, found: Found, *, is_run_here: bool) -> RuleResult:
    """Advice that is not followed is a warning, never a failure."""
    is_advice = rule.severity == Severity.ADVICE and found.machine == Machine.FAIL
    title, text = (rule.title, rule.text) if is_run_here else BY_PULL.get(rule.check_name, (rule.title, rule.text))
    return RuleResult(
        rule_id=rule.rule_id,
        step=rule.step,
        title=title,
        text=text,
        severity=rule.severity,
        machine=Machine.WARN.value if is_advice else found.machine.value,
        evidence=found.evidence,
        evidence_url=found.url,
        canned=tuple(rule.canned),
        check_name=rule.check_name,
    )
