"""The page of one submission: the sheet with what the machine found, the decisions, and one part in each column."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString

from accounts.visitor import person
from apps_catalog.models import App, CatalogEntry
from reviews import emails, rubric
from reviews.choices import choices, hold_undone_until
from reviews.desk import drawn
from reviews.desk.claiming import claim_context
from reviews.desk.forms import Sheet, prefix_of
from reviews.desk.keys import keys_context
from reviews.desk.material import Desk
from reviews.desk.parts import PART, Column, column_context, columns_context, urls_of
from reviews.desk.preview import mark_of
from reviews.desk.pull import is_by_pull_alone, seen
from reviews.models import StepVerdict, Submission
from reviews.queries import name_people
from reviews.rules import can_review, is_member
from reviews.states import ReviewStep

# In which part of the page the reviewer finds what a step is about.
PLACES = {
    ReviewStep.LOG_IN: ("account", "Test account"),
    ReviewStep.API_KEY: ("version", "Settings and docs"),
    ReviewStep.TEST_SUITE: ("wire", "Runs"),
    ReviewStep.DATA_ARRIVES: ("account", "Test account"),
    ReviewStep.DOCS_MATCH: ("version", "Docs links"),
    ReviewStep.CATALOG_INFO: ("entry", "Listing"),
    ReviewStep.ENTRY_RENDERS: ("entry", "Listing"),
}
# The same where there is nothing but a pull request to run.
BY_PULL = PLACES | {ReviewStep.TEST_SUITE: ("pull", "Pull request")}


def desk_of(request: HttpRequest, submission: Submission) -> Desk:
    return Desk(request, submission, may_judge=can_review(person(request), submission.app))


def part_context(desk: Desk, column: Column) -> dict[str, Any]:
    """What one column needs that is fetched alone."""
    return _everywhere(desk) | column_context(desk, column)


def dossier(desk: Desk, sheet: Sheet, *, claim_error: str = "") -> dict[str, Any]:
    """The whole context of `submission.html`."""
    request, submission, app = desk.request, desk.submission, desk.app
    name_people(submission, desk.actor)
    judged = rubric.judge(submission)
    return {
        **_everywhere(desk),
        "seen": seen(desk),
        "title": app.name,
        "subtitle": None,
        "mark": mark_of(app, submission.version),
        "sheet": sheet,
        "steps": _steps(desk, sheet, judged),
        "rule_list": drawn.rule_list(tuple((rule.rule_id, rule.title) for rule in judged)) if desk.may_write else "",
        "findings": _findings(sheet) if desk.may_write else [],
        "message": drawn.message(sheet.shown_message()) if desk.may_write else "",
        "choice_list": _choices(desk, sheet),
        "at_risk_since": _at_risk_since(app),
        "is_member": not desk.may_judge and is_member(desk.actor, app),
        "now": timezone.now(),
        **claim_context(
            submission,
            desk.actor,
            route="review-claim",
            may_claim=desk.may_write,
            error=claim_error,
            reason=request.POST.get("claim_reason", ""),
        ),
        **keys_context(desk.actor),
        **columns_context(desk),
    }


def _at_risk_since(app: App) -> datetime | None:
    """Since when a listed App fails its nightly checks; no query for any other."""
    if not app.is_listed:
        return None
    return CatalogEntry.objects.filter(app=app).values_list("at_risk_since", flat=True).first()


def _everywhere(desk: Desk) -> dict[str, Any]:
    return {
        "submission": desk.submission,
        "shown_app": desk.app,
        "company": desk.app.company,
        "is_by_pull_alone": is_by_pull_alone(desk),
        "may_judge": desk.may_judge,
        "may_write": desk.may_write,
    }


def _choices(desk: Desk, sheet: Sheet) -> SafeString:
    """The decisions that are open to whoever looks; nothing where none is."""
    submission = desk.submission
    found = choices(submission) if desk.may_judge else []
    if not found:
        return SafeString()
    can_hold = desk.may_write and not submission.is_held
    until = {
        "undo_until": submission.decided_at + emails.undo_interval() if submission.decided_at else None,
        "hold_undone_until": hold_undone_until(submission),
    }
    form = drawn.hold(sheet.shown_hold()) if can_hold else SafeString()
    is_hold_open = sheet.is_checked and bool(sheet.hold.errors)
    return drawn.choice_list(tuple(found), form, is_hold_open=is_hold_open, until=until)


def _findings(sheet: Sheet) -> list[SafeString]:
    return [drawn.finding(form, number) for number, form in enumerate(sheet.shown_findings(), start=1)]


def _steps(desk: Desk, sheet: Sheet, judged: list[rubric.RuleResult]) -> list[SafeString]:
    """Each published step with what the machine says about its rules."""
    rules = {found.step: found.results for found in rubric.by_step(judged)}
    urls = urls_of(desk, PART)
    zone = timezone.get_current_timezone_name()
    by_pull = is_by_pull_alone(desk)
    places = BY_PULL if by_pull else PLACES
    found: list[SafeString] = []
    for number, (step, form) in enumerate(zip(ReviewStep, sheet.shown_steps(), strict=True), start=1):
        part, place = places[step]
        row = drawn.Step(
            number=number, step=step, title=step.words(by_pull=by_pull), prefix=prefix_of(step),
            is_unsaved=sheet.is_unsaved(step),
            verdict=_judged(sheet.stored.get(step)), may_write=desk.may_write,
            rules=tuple(drawn.rule(one, desk.may_write) for one in rules.get(step, [])),
            controls=drawn.step_controls(step, form) if desk.may_write else SafeString(),
            part=part, place=place, url=urls[part], zone=zone,
        )  # fmt: skip
        found.append(drawn.step(row, form))
    return found


def _judged(stored: StepVerdict | None) -> drawn.Judged | None:
    if stored is None:
        return None
    by = stored.by.display_name if stored.by else ""
    return drawn.Judged(stored.outcome, stored.get_outcome_display(), by, stored.evidence, stored.at)
