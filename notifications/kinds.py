"""Every kind of message in one table: its title, whether its mail can be switched off, and what its template knows.

A kind and its template have the same name. tests/test_kinds.py holds this table and templates/mail together: a
new mail without a line here fails the build.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from types import SimpleNamespace
from typing import Any


class Group(StrEnum):
    """Headings of the page of preferences."""

    ACCESS = "Access to the Developer Center"
    COMPANY = "Your company"
    REVIEW = "Reviews of your Apps"
    BETA = "Beta and catalog"
    CUSTOMER = "Apps that you tried"
    DESK = "Review desk"
    SERVICE = "The service itself"


# Who has these groups on the page of preferences: only staff.
FOR_STAFF = frozenset({Group.DESK, Group.SERVICE})


@dataclass(frozen=True)
class Kind:
    """`is_locked`: always by mail. `names`: the placeholders of its template; `needs`: those that have to stay."""

    name: str
    title: str
    group: Group
    names: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    is_locked: bool = False


_DAY = datetime(2026, 3, 12, 17, 0, tzinfo=UTC)
_FINDING = SimpleNamespace(
    get_step_display="Log in with the supplied test account", observed="The password is refused.",
    todo="Send a password that works.",
)  # fmt: skip
# Every placeholder there is, with the value that previews show.
SAMPLES: dict[str, Any] = {
    "answer": "Your App reads more than its own destination needs.",
    "accept_url": "https://developers.example.com/invitations/sample/",
    "access_request.company_name": "Acme",
    "access_request.due_at": _DAY,
    "access_request.message": "We could not find your website.",
    "actor.display_name": "Alex",
    "app.company.name": "Acme",
    "app.name": "Acme Analytics",
    "author": "Reviewer at Segment",
    "appeal.reason": "We looked again: the log-in works as you say.",
    "appeal.text": "The password works: we tried it again today.",
    "change.reason": "The description promises what the App does not do.",
    "by": "Alex",
    "beta_url": "https://developers.example.com/apps/acme-analytics/beta/",
    "oauth_url": "https://developers.example.com/apps/acme-analytics/oauth/",
    "channel": "#partner-news",
    "company.delete_after": _DAY,
    "company.name": "Acme",
    "code": "errors.awaiting-retry.ECONNREFUSED",
    "due": "Thursday, 12 March, 10:00",
    "enquiry.get_kind_display": "replay compatibility",
    "failing_since": _DAY,
    "findings": [_FINDING],
    "giver.display_name": "Alex",
    "inquiry.customer_email": "customer@example.com",
    "inquiry.subject": "Events of our shop are late",
    "inquiry.text": "Since Monday our events arrive an hour late. Where can we see why?",
    "invitation.email": "name@example.com",
    "invitation.expires_at": _DAY,
    "invitation.get_role_display": "developer",
    "invite.expires_at": _DAY,
    "inviter.display_name": "Alex",
    "inviter.email": "alex@example.com",
    "message": "Could you tell us which events you accept?",
    "passenger.version.number": 3,
    "train": "Wednesday, 11 March 2026",
    "because": "It was approved and merged before the cut-off, Tuesday, 10 March 2026, 17:00 PDT.",
    "special_url": "https://developers.example.com/goto-my-workspace/destinations/catalog/acme-analytics",
    "on_board": "Acme Analytics v3; Shop Sync v1",
    "repository.name": "acme/destinations",
    "repository.branch": "main",
    "apps": "3",
    "waiting": "Globex v2 (held back)",
    "problem.text": "No events arrive since Monday.",
    "problem.user.email": "customer@example.com",
    "reason": "The attachment was too large.",
    "risk.grace_until": _DAY,
    "risk.since": _DAY,
    "problems": "The endpoint https://hooks.example.com/segment: Nothing listens there.",
    "news": "is at risk",
    "item.get_kind_display": "Blog post on your own site",
    "item.note": "Ask the customer for a quote.",
    "item.url": "https://example.com/blog/segment/",
    "day": _DAY,
    "promised": "Wednesday, 11 March, 10:00",
    "pull_url": "https://github.com/segmentio/action-destinations/pull/1234",
    "missing": "1 customer has to confirm that the App works; 0 did so far.",
    "remarks": "Line 7: This is no address of a website.",
    "release.due_at": _DAY,
    "release.launch_at": _DAY,
    "scope": "workspace:read",
    "slack_url": "https://join.example.com/partners",
    "source.name": "Website",
    "step": "apology",
    "submission.due_at": _DAY,
    "submission.held_until": _DAY,
    "submission.hold_reason": "We wait for your test account.",
    "submission.evidence_digest": "9f2c4a7d1b8e" + "0" * 52,
    "submission.message": "Nice work on the docs.",
    "submission.note": "The identify call is mapped now.",
    "submission.pull.url": "https://github.com/segmentio/action-destinations/pull/1234",
    "submission.version.number": 3,
    "task": "its review",
    "verification.note": "Our events arrived within a minute.",
    "verification.workspace_name": "Shop",
    "delivered": "12 events delivered: 10 track, 2 identify",
    "verification.version.number": 3,
    "what": "the review of Acme Analytics, version 3",
    "whose": "Acme Analytics version 3",
    "where": "the source Website",
    "why": "An owner of the workspace ended it.",
    "workspace.name": "Shop",
}
# Lists: how one of their items reads, line by line, as (words before, attribute).
LISTS: dict[str, tuple[tuple[str, str], ...]] = {
    "findings": (("", "get_step_display"), ("What we saw: ", "observed"), ("What to do: ", "todo")),
}
# What every template knows besides.
FRAME = frozenset({"url", "site_url", "subject", "recipient", "can_reply"})

_A, _C, _R, _B, _X, _D, _S = Group
_REQUEST, _APP, _VERSION = "access_request.company_name", "app.name", "submission.version.number"
_EVIDENCE = "submission.evidence_digest"
_PASSENGER = "passenger.version.number"


def _locked(name: str, title: str, group: Group, *names: str, needs: tuple[str, ...] = ()) -> Kind:
    return Kind(name, title, group, names, needs, is_locked=True)


def _free(name: str, title: str, group: Group, *names: str) -> Kind:
    return Kind(name, title, group, names)


_ALL = (
    # Decisions are always told by mail, and so is what would otherwise be lost: personal links.
    _locked("access_approved", "Your request is approved", _A, "company.name"),
    _locked("access_declined", "Your request is declined", _A, _REQUEST, "access_request.message"),
    _locked("access_more_asked", "A question about your request", _A, _REQUEST, "access_request.message",
            needs=("access_request.message",)),
    _locked("access_waitlisted", "Your request is on the waitlist", _A, _REQUEST),
    _locked("invitation", "You are invited to a company", _C, "company.name", "inviter.display_name", "inviter.email",
            "invitation.email", "invitation.expires_at", "invitation.get_role_display", "accept_url",
            needs=("accept_url",)),
    _locked("company_deletion", "A company will be deleted", _C, "company.name", "actor.display_name",
            "company.delete_after"),
    _locked("company_removed", "You were removed from a company", _C, "company.name"),
    _locked("company_ownership", "A company was handed over to you", _C, "company.name", "giver.display_name"),
    _locked("partner_slack_invited", "Your seat in the partners’ Slack", _C, "company.name", "slack_url"),
    _locked("private_beta_approved", "Approved for private beta", _R, _APP, "submission.message", "beta_url",
            _EVIDENCE),
    _locked("update_approved", "An update is approved", _R, _APP, _VERSION, "submission.message", _EVIDENCE),
    _locked("changes_requested", "Changes are requested", _R, _APP, _VERSION, "submission.message", "findings",
            _EVIDENCE, needs=("findings",)),
    _locked("approved_for_train", "Approved for the release train", _R, _APP, _VERSION, "submission.message",
            "pull_url", _EVIDENCE),
    _locked("github_changes_requested", "Changes are requested in GitHub", _R, _APP, _VERSION, "findings", "pull_url",
            _EVIDENCE, needs=("findings",)),
    _locked("review_reopened", "A review goes on", _R, _APP, _VERSION, "why", "submission.due_at", "pull_url",
            needs=("why",)),
    _locked("github_closed", "A pull request was closed", _R, _APP, _VERSION, "pull_url"),
    _locked("rejected", "A submission is rejected", _R, _APP, _VERSION, "submission.message", _EVIDENCE,
            needs=("submission.message",)),
    _locked("review_held", "A review is on hold", _R, _APP, _VERSION, "submission.hold_reason", "submission.held_until",
            needs=("submission.hold_reason",)),
    _locked("appeal_upheld", "An appeal: the decision stands", _R, _APP, _VERSION, "appeal.reason",
            needs=("appeal.reason",)),
    _locked("appeal_overturned", "An appeal: the decision is overturned", _R, _APP, _VERSION, "appeal.reason",
            "submission.due_at", needs=("appeal.reason",)),
    _locked("live_change_taken_back", "A change of a live App was taken back", _R, _APP, "change.reason",
            needs=("change.reason",)),
    _locked("app_at_risk", "An App is at risk", _B, _APP, "problems", "risk.grace_until", needs=("problems",)),
    _locked("app_at_risk_reminder", "An App is still at risk", _B, _APP, "problems", "risk.grace_until",
            needs=("problems",)),
    _locked("app_delisted", "An App is taken out of the catalog", _B, _APP, "problems", needs=("problems",)),
    _locked("app_risk_extended", "More time for an App at risk", _B, _APP, "risk.grace_until", "reason",
            needs=("reason",)),
    _locked("scope_granted", "A wider scope is granted", _B, _APP, "scope", needs=("scope",)),
    _locked("scope_declined", "A wider scope is declined", _B, _APP, "scope", "answer", needs=("answer",)),
    _locked("scope_taken_back", "A wider scope is taken back", _B, _APP, "answer", needs=("answer",)),
    _locked("inquiry_forwarded", "A customer’s question about an App", _B, _APP, "inquiry.subject", "inquiry.text",
            "inquiry.customer_email", needs=("inquiry.text",)),
    _locked("live", "Released to the catalog", _B, _APP),
    _locked("release_scheduled", "Released, with the day of the launch", _B, _APP, "release.launch_at"),
    _locked("release_postponed", "A launch could not take place", _B, _APP, "missing", "release.launch_at",
            needs=("missing",)),
    _locked("train_held", "A release is held back", _B, _APP, _PASSENGER, "reason", needs=("reason",)),
    _locked("train_released", "Released by the release train", _B, _APP, _PASSENGER, "special_url"),
    _locked("train_rolled_back", "A release was rolled back", _B, _APP, _PASSENGER, "reason", needs=("reason",)),
    _locked("beta_invitation", "You are invited to a beta", _X, _APP, "app.company.name", "invite.expires_at"),
    _locked("workspace_invitation", "You are invited to a workspace", _X, "workspace.name", "inviter.display_name",
            "inviter.email", "invitation.email", "invitation.expires_at", "invitation.get_role_display", "accept_url",
            needs=("accept_url",)),
    _locked("destination_paused", "A destination is paused", _X, _APP, "source.name", "failing_since", "code"),
    _locked("access_given", "An App has access to a workspace", _X, _APP, "app.company.name", "workspace.name", "by",
            "where"),
    _locked("reply_refused", "Your answer by mail could not be taken", _S, _APP, "reason", "what",
            needs=("reason",)),
    _locked("slack_parked", "A Slack channel no longer takes messages", _S, "channel", "reason"),
    _locked("mail_stuck", "Mails wait for staff", _S, "what"),
    _locked("trial", "A test of the mail server", _S),

    _free("access_received", "Your request has arrived", _A, _REQUEST, "access_request.due_at", "due"),
    _free("access_admitted", "Your request left the waitlist", _A, _REQUEST, "access_request.due_at", "due"),
    _free("company_kept", "A deletion was taken back", _C, "company.name", "actor.display_name"),
    _free("company_rejoined", "You are a member again", _C, "company.name"),
    _free("wait_late", "We are late: a new date", _R, "what", "promised", "due"),
    _free("submission_received", "Your submission has arrived", _R, _APP, _VERSION, "submission.due_at"),
    _free("replay_request", "Question: replay compatibility", _R, _APP),
    _free("oauth_request", "Question: Enable with Segment", _R, _APP, "oauth_url"),
    _free("template_read", "A catalog template that you sent was read", _R, _APP, "remarks"),
    _free("thread_message", "A message from Segment", _R, _APP, "author", "message"),
    _free("plan_comment", "A comment on a plan", _R, _APP, "author", "message"),
    _free("plan_looked_at", "Segment has looked at a plan", _R, _APP),
    _free("customer_verified", "A customer confirmed that an App works", _B, _APP, "verification.version.number",
          "verification.note", "verification.workspace_name", "delivered"),
    _free("problem_reported", "A customer reported a problem", _B, _APP, "problem.text", "problem.user.email"),
    _free("train_boarded", "On board of the release train", _B, _APP, _PASSENGER, "train", "because"),
    _free("train_changed", "Another release train", _B, _APP, _PASSENGER, "train", "because"),
    _free("train_unheld", "A release goes on", _B, _APP, _PASSENGER),
    _free("app_risk_cleared", "An App is no longer at risk", _B, _APP, "why"),
    _free("launch_item_due", "Launch content: its day comes", _B, _APP, "item.get_kind_display", "item.note",
          "item.url", "day"),
    _free("beta_badge_off", "An App is out of beta", _B, _APP),
    _free("app_deprecated_team", "An App of yours is deprecated", _B, _APP),
    _free("app_ended", "An App that you tried is gone", _X, _APP, "app.company.name"),
    _free("access_ended", "An App has no access any more", _X, _APP, "workspace.name", "why"),
    _free("app_deprecated", "An App that you tried is deprecated", _X, _APP, "app.company.name"),
    _free("submission_to_review", "A submission waits for review", _D, _APP, "app.company.name", _VERSION,
          "submission.due_at", "submission.note", "submission.pull.url"),
    _free("github_to_review", "GitHub changed a review", _D, _APP, "app.company.name", _VERSION, "what", "why",
          "pull_url"),
    _free("plan_to_look_at", "A plan waits for a look", _D, _APP, "app.company.name"),
    _free("appeal_to_review", "An appeal waits for another reviewer", _D, _APP, "app.company.name", "appeal.text"),
    _free("scope_asked", "An App asks for a wider scope", _D, _APP, "app.company.name", "scope", "reason"),
    _free("train_digest", "What is on board of the release train", _D, "train", "on_board", "waiting"),
    _free("train_today", "Release day: a train waits", _D, "train", "on_board"),
    _free("release_requested", "An App asks to go public", _D, _APP, "app.company.name", "release.due_at"),
    _free("risk_to_team", "An App is at risk or delisted", _D, _APP, "app.company.name", "news", "problems",
          "risk.grace_until"),
    _free("shared_branch_failed", "Checks fail where several Apps have code", _D, "repository.name",
          "repository.branch", "apps"),
    _free("enquiry_answered", "A partner answered a question", _D, _APP, "app.company.name",
          "enquiry.get_kind_display"),
    _free("wait_overdue", "A promised date has passed", _D, "whose", "task", "promised", "due", "step"),
    _free("desk_message", "A partner wrote to the thread", _D, _APP, "app.company.name", "author", "message"),
)  # fmt: skip
KINDS: dict[str, Kind] = {kind.name: kind for kind in _ALL}
# Personal links never leave by anything but the mail to their person.
NEVER_ON_SLACK = frozenset(
    {
        "invitation", "workspace_invitation", "beta_invitation", "partner_slack_invited", "trial", "slack_parked",
        "reply_refused", "inquiry_forwarded",
    }
)  # fmt: skip


def can_mute(kind: str) -> bool:
    """Whether people may switch off the mails of this kind; never those of a kind that nobody described."""
    return kind in KINDS and not KINDS[kind].is_locked


def for_slack() -> list[Kind]:
    """The kinds that a channel may carry."""
    return [kind for kind in _ALL if kind.name not in NEVER_ON_SLACK]


def for_company() -> list[Kind]:
    """The kinds that a partner's own channel may carry: what its people get by mail about their Apps."""
    return [kind for kind in for_slack() if kind.group in (Group.REVIEW, Group.BETA)]


def by_group(*, is_staff: bool) -> list[tuple[Group, list[Kind]]]:
    """The table in the order of its groups, as the page of preferences shows it."""
    groups = [group for group in Group if is_staff or group not in FOR_STAFF]
    return [(group, _sorted(kind for kind in _ALL if kind.group == group)) for group in groups]


def _sorted(kinds: Iterable[Kind]) -> list[Kind]:
    return sorted(kinds, key=lambda kind: kind.is_locked)


def sample_context(kind: Kind) -> dict[str, Any]:
    """A context with which the template of `kind` can be shown: nested dicts with the values of SAMPLES."""
    context: dict[str, Any] = {}
    for name in kind.names:
        *parents, last = name.split(".")
        place = context
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = SAMPLES[name]
    return context
