"""The reviewer's page of one access request: what it shows, its form, and which decisions are open.

`open_decisions` is computed once and used by the page, by the POST and by the tests.
"""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from leases.transitions import StaleState
from partners import claims, lifecycle, rules
from partners.clock import in_office_zone, in_words
from partners.decisions import criteria_not_met, undo_until
from partners.forms import TOO_LONG, TextField
from partners.models import ANSWER_LIMIT, AccessRequest, label_of
from partners.queries import similar_companies, similar_requests
from partners.states import Criterion, CriterionOutcome, RequestState, decisions_from
from partners.timeline import timeline_of

EVIDENCE_LIMIT = 2_000
SAVE, UNDO = "save", "undo"


@dataclass(frozen=True, slots=True)
class Decision:
    """One button of the decision bar: what it is called, what will happen, and its colour."""

    verb: str
    label: str
    consequence: str
    tone: str = ""
    needs_message: bool = False


_BAR = (
    Decision("approve", "Approve", "A company is made, the applicant owns it, the Welcome mail goes out.", "primary"),
    Decision("ask_more", "Ask for more", "The applicant reads your question; the clock stops.", needs_message=True),
    Decision("waitlist", "Put on the waitlist", "The applicant is told; the clock stops until somebody admits them."),
    Decision("admit", "Admit from the waitlist", "The applicant is told, and the clock starts now."),
    Decision(
        "decline", "Decline", "The applicant reads your reason and may apply again.", "danger", needs_message=True
    ),
    Decision(UNDO, "Undo the last decision", "All is as before; the mail that has not gone out is dropped."),
)
DECISIONS = {decision.verb: decision for decision in _BAR}


def open_decisions(actor: User, access_request: AccessRequest) -> list[Decision]:
    """What `actor` may decide now; empty for whoever may not judge it, and once the applicant is gone."""
    if access_request.applicant_id is None or not rules.can_review_access(actor, access_request):
        return []
    verbs = decisions_from(access_request.state)
    if undo_until(access_request):
        verbs = [*verbs, UNDO]
    return [DECISIONS[verb] for verb in verbs]


class VettingForm(forms.Form):
    """Four verdicts with evidence, a message to the applicant, and what the reviewer had in view."""

    message = TextField(
        label="Message to the applicant", required=False, max_length=ANSWER_LIMIT,
        help_text="Needed to ask for more and to decline. The applicant reads it as it stands.",
    )  # fmt: skip
    state = forms.ChoiceField(choices=RequestState, widget=forms.HiddenInput)
    revision = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    judged_revision = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args: Any, access_request: AccessRequest, **kwargs: Any) -> None:
        self.stored = {verdict.criterion: verdict for verdict in access_request.verdicts.select_related("by")}
        kwargs.setdefault("initial", self._initial(access_request))
        super().__init__(*args, **kwargs)
        for criterion in Criterion:
            self.fields[f"outcome_{criterion}"] = forms.ChoiceField(
                label="Verdict", required=False, choices=[("", "not judged yet"), *CriterionOutcome.choices]
            )
            self.fields[f"evidence_{criterion}"] = TextField(
                label="Evidence", required=False, max_length=EVIDENCE_LIMIT, widget=forms.Textarea(attrs={"rows": 2})
            )
        for field in self.fields.values():
            field.error_messages["max_length"] = TOO_LONG
            if limit := field.widget.attrs.pop("maxlength", None):
                field.widget.attrs["data-counter"] = limit

    def _initial(self, access_request: AccessRequest) -> dict[str, Any]:
        initial: dict[str, Any] = {
            "state": access_request.state,
            "revision": access_request.revision,
            "judged_revision": access_request.judged_revision,
        }
        for criterion, verdict in self.stored.items():
            initial |= {f"outcome_{criterion}": verdict.outcome, f"evidence_{criterion}": verdict.evidence}
        return initial

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for criterion in Criterion:
            outcome, evidence = cleaned.get(f"outcome_{criterion}"), cleaned.get(f"evidence_{criterion}")
            if outcome and evidence == "":
                self.add_error(f"evidence_{criterion}", "Say what this verdict rests on.")
            if evidence and outcome == "":
                self.add_error(f"outcome_{criterion}", "Choose a verdict for this evidence.")
        return cleaned

    @property
    def verdicts(self) -> dict[str, tuple[str, str]]:
        cleaned = self.cleaned_data
        found = {c.value: (cleaned[f"outcome_{c}"], cleaned[f"evidence_{c}"]) for c in Criterion}
        return {criterion: pair for criterion, pair in found.items() if pair[0]}

    def rows(self) -> list[dict[str, Any]]:
        """One row for each criterion: its words, its two fields, and the verdict that is stored."""
        return [
            {
                "label": criterion.label,
                "outcome": self[f"outcome_{criterion}"],
                "evidence": self[f"evidence_{criterion}"],
                "stored": self.stored.get(criterion),
            }
            for criterion in Criterion
        ]

    def look_again(self, access_request: AccessRequest) -> None:
        """Carry the numbers of what is stored now: the page that comes back shows just that."""
        self.data = self.data.copy()  # type: ignore[attr-defined]
        for name in ("state", "revision", "judged_revision"):
            self.data[name] = str(getattr(access_request, name))  # type: ignore[index]


@transaction.atomic
def carry_out(access_request: AccessRequest, actor: User, verb: str, form: VettingForm) -> AccessRequest:
    """Save the verdicts and decide, both or neither, on what the reviewer had in view.

    Raises what the verbs raise: StaleState, StaleRevision, StaleVerdicts, ValidationError, PermissionDenied.
    """
    seen = copy(access_request)
    seen.state, seen.revision = form.cleaned_data["state"], form.cleaned_data["revision"]
    if verb != UNDO:
        lifecycle.judge(seen, actor, form.verdicts, form.cleaned_data["judged_revision"])
    if verb != SAVE:
        _verb(verb, form.cleaned_data["message"])(seen, actor)
    return seen


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a posted form. `done`: what to say before going back to the page; else show the page."""

    access_request: AccessRequest
    form: VettingForm
    status: int = 422
    too_late: str = ""
    done: str = ""


def answer(access_request: AccessRequest, actor: User, data: Any, reload: Callable[[], AccessRequest]) -> Answer:
    """Judge what a reviewer posted, the same from every page that has the form.

    Raises PermissionDenied. `reload` reads the request as it is now.
    """
    if not rules.can_review_access(actor, access_request):
        raise PermissionDenied
    form, verb = VettingForm(data, access_request=access_request), data.get("decision", SAVE)
    if not form.is_valid():
        return Answer(access_request, form)
    if verb != SAVE and verb not in DECISIONS:
        form.add_error(None, "Choose one of the decisions below.")
        return Answer(access_request, form)
    try:
        decided = carry_out(access_request, actor, verb, form)
    except ValidationError as error:
        form.add_error(None, error)
        return Answer(access_request, form)
    except claims.Claimed as held:
        form.add_error(None, str(held))
        return Answer(reload(), form, status=409)
    except (StaleState, lifecycle.StaleRevision, lifecycle.StaleVerdicts) as stale:
        return _too_late(reload(), data, stale)
    return Answer(decided, form, 303, done=_done(verb, decided))


def _too_late(now: AccessRequest, data: Any, stale: Exception) -> Answer:
    """Somebody was faster. The page shows what is stored now, and still holds what was typed."""
    if isinstance(stale, lifecycle.StaleVerdicts):
        reason = "Another reviewer saved verdicts meanwhile. Compare theirs with yours, then save again."
    elif isinstance(stale, lifecycle.StaleRevision):
        reason = "The applicant changed the answers since you opened this page. Read them again, then decide."
    else:
        reason = who_was_first(now)
    fresh = VettingForm(data, access_request=now)
    fresh.look_again(now)
    return Answer(now, fresh, 409, too_late=reason)


def _done(verb: str, access_request: AccessRequest) -> str:
    if verb == SAVE:
        return "The verdicts are saved."
    if verb == UNDO:
        return "The decision is undone, and its mail is dropped."
    return f"Done: the request is {access_request.get_state_display()}."


def _verb(verb: str, message: str) -> Callable[[AccessRequest, User], Any]:
    with_message = {"decline": lifecycle.decline, "ask_more": lifecycle.ask_more}
    if verb in with_message:
        return lambda access_request, actor: with_message[verb](access_request, actor, message)
    plain: dict[str, Callable[[AccessRequest, User], Any]] = {
        "approve": lifecycle.approve,
        "waitlist": lifecycle.waitlist,
        "admit": lifecycle.admit,
        UNDO: lifecycle.undo,
    }
    return plain[verb]


def who_was_first(access_request: AccessRequest) -> str:
    """What the slower of two reviewers reads."""
    by = access_request.decided_by
    who = by.display_name if by else "Somebody"
    state = access_request.get_state_display()
    if access_request.decided_at is None:
        return f"This request has moved on meanwhile: it is {state}. Nothing of yours was saved."
    at = in_words(in_office_zone(access_request.decided_at))
    if access_request.state == RequestState.WITHDRAWN:
        return f"The applicant withdrew this request on {at}. Nothing of yours was saved."
    return f"{who} was faster: the request is {state} since {at}. Nothing of yours was saved."


def page_context(access_request: AccessRequest, actor: User, form: VettingForm) -> dict[str, Any]:
    """Everything on the page, in a constant number of queries."""
    due_at = access_request.due_at if access_request.state == RequestState.SUBMITTED else None
    return {
        "access_request": access_request,
        "form": form,
        "decisions": open_decisions(actor, access_request),
        "may_judge": rules.can_review_access(actor, access_request),
        "is_reviewer": rules.can_review_access(actor),
        "not_met": [Criterion(criterion).label for criterion in criteria_not_met(access_request)],
        "answers": [(label_of(name), value) for name, value in access_request.answers.items()],
        "unanswered": access_request.unanswered,
        "similar_companies": similar_companies(access_request),
        "similar_requests": similar_requests(access_request),
        "acceptances": access_request.acceptances.select_related("agreement"),
        "timeline": timeline_of(access_request, for_staff=True),
        "undo_until": undo_until(access_request),
        "due_at": due_at,
        "due_office": in_words(in_office_zone(due_at)) if due_at else "",
        "is_overdue": due_at is not None and due_at < timezone.now(),
    }
