"""The admin of requests for a wider scope: the queue, and the page on which each is decided.

`open_decisions` is computed once and used by the page, by the POST and by the tests.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST

from accounts.models import User
from accounts.visitor import person
from installs import clients, rules
from installs.models import Install, ScopeRequest
from installs.states import WIDE, InstallState, ScopeRequestState
from partners.looking import LookOnly, ReviewersLook

TEMPLATE = "admin/installs/scoperequest/decide.html"
TOO_LATE = "It was decided or withdrawn in the meantime. Nothing was changed."


@dataclass(frozen=True, slots=True)
class Decision:
    """One button. `carry_out` gets (actor, request, answer) and says whether it had an effect."""

    verb: str
    label: str
    consequence: str
    done: str
    tone: str
    carry_out: Callable[[User, ScopeRequest, str], bool]


_GRANT = Decision(
    "grant", "Grant", "The partner may choose this scope, and is told. Nothing is switched by it.",
    "Granted. The partner is told.", "primary", lambda actor, asked, answer: clients.grant_scope(actor, asked),
)  # fmt: skip
_DECLINE = Decision(
    "decline", "Decline", "The partner reads your answer and may ask again.",
    "Declined. The partner is told.", "danger", clients.decline_scope,
)  # fmt: skip
_TAKE_BACK = Decision(
    "take_back", "Take it back",
    "The App is set back to its own destination, every install with a wider scope ends at once, the partner reads "
    "your answer.",
    "Taken back. The partner is told.", "danger",
    lambda actor, asked, answer: clients.take_scope_back(actor, asked.client, answer),
)  # fmt: skip
_BY_STATE = {ScopeRequestState.WAITING: [_GRANT, _DECLINE], ScopeRequestState.GRANTED: [_TAKE_BACK]}


def open_decisions(actor: User, asked: ScopeRequest) -> list[Decision]:
    """What `actor` may decide now; empty for whoever may not judge it."""
    if not rules.can_decide_scope(actor, asked.client):
        return []
    return _BY_STATE.get(ScopeRequestState(asked.state), [])


class AnswerForm(forms.Form):
    answer = forms.CharField(
        label="Answer to the partner", required=False, max_length=2_000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Needed to decline and to take back. The partner reads it as it stands.",
    )  # fmt: skip


class ScopeRequestAdmin(LookOnly, ReviewersLook):
    """Waiting ones first is what the filter is for; a request is decided on its own page."""

    list_display = ["client_app", "scope_kind", "state", "asked_at", "decided_at"]
    list_filter = ["state", "scope_kind"]
    list_select_related = ["client__app"]
    search_fields = ["client__app__name", "client__app__slug"]
    list_per_page = 25
    show_full_result_count = False

    @admin.display(description="App")
    def client_app(self, asked: ScopeRequest) -> str:
        return asked.client.app.name

    def get_urls(self) -> list[Any]:
        name = "installs_scoperequest_decide"
        decide = path("<int:pk>/decide/", self.admin_site.admin_view(self.decide_view), name=name)
        return [decide, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The page itself; whatever it sends goes to `decide_view`."""
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return self._page(request, self._load(request, object_id), AnswerForm())

    @method_decorator(require_POST)
    def decide_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        asked = self._load(request, pk)
        form = AnswerForm(request.POST)
        if not rules.can_decide_scope(person(request), asked.client):
            raise PermissionDenied
        chosen = {each.verb: each for each in open_decisions(person(request), asked)}.get(
            request.POST.get("decision", "")
        )
        if chosen is None:
            return self._page(request, asked, form, status=409, too_late=TOO_LATE)
        if not form.is_valid() or not self._carry_out(request, chosen, asked, form):
            return self._page(request, self._load(request, pk), form, status=422)
        target = reverse("admin:installs_scoperequest_change", args=[pk])
        return HttpResponse(status=303, headers={"Location": target})

    def _carry_out(self, request: HttpRequest, chosen: Decision, asked: ScopeRequest, form: AnswerForm) -> bool:
        try:
            done = chosen.carry_out(person(request), asked, form.cleaned_data["answer"])
        except ValidationError as refused:
            form.add_error("answer", refused)
            return False
        if done:
            messages.success(request, chosen.done)
        else:
            messages.warning(request, TOO_LATE)
        return True

    def _load(self, request: HttpRequest, pk: int | str) -> ScopeRequest:
        """404 for what is not there, 403 for staff who may not look."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = ScopeRequest.objects.select_related("client__app__company", "asked_by", "decided_by")
        return get_object_or_404(found, pk=int(pk) if str(pk).isdecimal() else 0)

    def _page(
        self, request: HttpRequest, asked: ScopeRequest, form: AnswerForm, *, status: int = 200, too_late: str = ""
    ) -> HttpResponse:
        wide = Install.objects.filter(client=asked.client, scope_kind__in=WIDE)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "title": "Request for a wider scope",
            "subtitle": str(asked.client.app),
            "asked": asked,
            "form": form,
            "decisions": open_decisions(person(request), asked),
            "wide_installs": wide.exclude(state=InstallState.ENDED).count(),
            "too_late": too_late,
        }
        return TemplateResponse(request, TEMPLATE, context, status=status)
