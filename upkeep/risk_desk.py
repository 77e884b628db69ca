"""The admin of risks: the list, and the page on which staff clear one or give more time."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST

from accounts.visitor import person
from leases.transitions import StaleState
from partners.looking import LookOnly, ReviewersLook
from upkeep import risks
from upkeep.forms import PardonForm
from upkeep.models import NightlyCheck, Risk
from upkeep.rules import can_pardon
from upkeep.states import RiskState

TEMPLATE = "admin/upkeep/risk/decide.html"
TOO_LATE = "It ended in the meantime. Nothing was changed."
NIGHTS = 14


class RiskAdmin(LookOnly, ReviewersLook):
    """Those that are open first is what the filter is for; a risk is decided on its own page."""

    list_display = ["app", "state", "since", "grace_until", "ended_at"]
    list_filter = ["state"]
    list_select_related = ["app"]
    search_fields = ["app__name", "app__slug"]
    list_per_page = 25
    show_full_result_count = False

    def get_urls(self) -> list[Any]:
        decide = path("<int:pk>/decide/", self.admin_site.admin_view(self.decide_view), name="upkeep_risk_decide")
        return [decide, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The page itself; whatever it sends goes to `decide_view`."""
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return self._page(request, self._load(request, object_id), PardonForm())

    @method_decorator(require_POST)
    def decide_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        risk, form = self._load(request, pk), PardonForm(request.POST)
        if not can_pardon(person(request), risk.app):
            raise PermissionDenied
        if risk.state != RiskState.OPEN:
            return self._page(request, risk, form, status=409, too_late=TOO_LATE)
        if not form.is_valid():
            return self._page(request, risk, form, status=422)
        try:
            done = self._carry_out(request, risk, form)
        except ValidationError as refused:
            form.add_error(None, refused)
            return self._page(request, risk, form, status=422)
        except StaleState:
            return self._page(request, self._load(request, pk), form, status=409, too_late=TOO_LATE)
        messages.success(request, done)
        return HttpResponse(status=303, headers={"Location": reverse("admin:upkeep_risk_change", args=[pk])})

    def _carry_out(self, request: HttpRequest, risk: Risk, form: PardonForm) -> str:
        reason, decision = form.cleaned_data["reason"], request.POST.get("decision")
        if decision == "clear":
            risks.clear(person(request), risk, reason)
            return "Cleared. Its makers are told, and counting begins anew."
        if decision != "extend":
            raise ValidationError("Choose one of the buttons.")
        day = form.day()
        if day is None:
            raise ValidationError({"until": "Pick the last day of the new time."})
        if risks.extend(person(request), risk, day, reason):
            return "They have more time, and are told."
        return "That is the date already; nothing was changed."

    def _load(self, request: HttpRequest, pk: int | str) -> Risk:
        """404 for what is not there, 403 for staff who may not look."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = Risk.objects.select_related("app__company")
        return get_object_or_404(rows, pk=int(pk) if str(pk).isdecimal() else 0)

    def _page(
        self, request: HttpRequest, risk: Risk, form: PardonForm, *, status: int = 200, too_late: str = ""
    ) -> HttpResponse:
        is_open = risk.state == RiskState.OPEN
        context = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "title": "App at risk",
            "subtitle": str(risk.app),
            "risk": risk,
            "is_open": is_open,
            "nights": NightlyCheck.objects.filter(app=risk.app_id)[:NIGHTS],
            "may_decide": is_open and can_pardon(person(request), risk.app),
            "form": form,
            "too_late": too_late,
        }
        return TemplateResponse(request, TEMPLATE, context, status=status)
