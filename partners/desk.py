"""The admin of access requests: the vetting queue, and the page on which each is judged.

Registered in `admin`; what the page shows and which decisions are open is in `vetting`.
"""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from accounts.visitor import person
from partners.looking import LookOnly, ReviewersLook
from partners.models import (
    AccessRequest,
)
from partners.states import RequestState
from partners.vetting import VettingForm, answer, page_context


class QueueFilter(admin.SimpleListFilter):
    """The queue by whose turn it is; by default what waits for Segment."""

    title = "whose turn it is"
    parameter_name = "queue"
    QUEUES = {
        "waiting": ("Waiting for us", {RequestState.SUBMITTED}),
        "applicant": ("Waiting for the applicant", {RequestState.MORE_ASKED}),
        "waitlist": ("Waitlist", {RequestState.WAITLISTED}),
        "closed": ("Decided or withdrawn", {RequestState.APPROVED, RequestState.DECLINED, RequestState.WITHDRAWN}),
        "drafts": ("Not sent yet", {RequestState.DRAFT}),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(key, label) for key, (label, _) in self.QUEUES.items()] + [("all", "All")]

    def choices(self, changelist: ChangeList) -> Any:
        for key, label in self.lookup_choices:
            yield {
                "selected": (self.value() or "waiting") == key,
                "query_string": changelist.get_query_string({self.parameter_name: key}),
                "display": label,
            }

    def queryset(self, request: HttpRequest, queryset: QuerySet[AccessRequest]) -> QuerySet[AccessRequest]:
        if self.value() == "all":
            return queryset
        _, states = self.QUEUES.get(self.value() or "waiting", self.QUEUES["waiting"])
        return queryset.filter(state__in=states)


class AccessRequestAdmin(LookOnly, ReviewersLook):
    """The vetting queue and, for each request, the page on which it is judged."""

    list_display = ["company_name_or_id", "applicant_address", "state", "due", "answered", "submitted_at"]
    list_display_links = ["company_name_or_id"]
    list_filter = [QueueFilter]
    list_select_related = ["applicant"]
    list_per_page = 25
    show_full_result_count = False
    search_fields = ["company_name", "company_website", "applicant__email"]

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        return [F("due_at").asc(nulls_last=True), "submitted_at", "pk"]

    @admin.display(description="company")
    def company_name_or_id(self, obj: AccessRequest) -> str:
        return str(obj)

    @admin.display(description="applicant")
    def applicant_address(self, obj: AccessRequest) -> str:
        return obj.applicant_address

    @admin.display(description="due", ordering="due_at")
    def due(self, obj: AccessRequest) -> str | SafeString:
        if obj.due_at is None or obj.state != RequestState.SUBMITTED:
            return "–"
        shown = f"{timezone.localtime(obj.due_at):%-d %b %Y, %H:%M %Z}"
        if obj.due_at >= timezone.now():
            return shown
        return format_html('<span class="chip chip--danger">Overdue</span> {}', shown)

    @admin.display(description="answers")
    def answered(self, obj: AccessRequest) -> str:
        return f"{6 - len(obj.unanswered)} of 6"

    def get_urls(self) -> list[Any]:
        decide = path(
            "<int:pk>/decide/", self.admin_site.admin_view(self.decide_view), name="partners_accessrequest_decide"
        )
        return [decide, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The page itself; whatever it sends goes to `decide_view`."""
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        access_request = self._load(request, object_id)
        return self._page(request, access_request, VettingForm(access_request=access_request))

    @method_decorator(require_POST)
    def decide_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        access_request = self._load(request, pk)
        found = answer(access_request, person(request), request.POST, lambda: self._load(request, pk))
        if not found.done:
            return self._page(request, found.access_request, found.form, status=found.status, too_late=found.too_late)
        messages.success(request, found.done)
        return self._back(found.access_request)

    def _load(self, request: HttpRequest, pk: int | str) -> AccessRequest:
        """404 for what is not there, 403 for staff who may not look."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = AccessRequest.objects.select_related("applicant", "company", "decided_by")
        return get_object_or_404(found, pk=int(pk) if str(pk).isdecimal() else 0)

    def _back(self, access_request: AccessRequest) -> HttpResponse:
        target = reverse("admin:partners_accessrequest_change", args=[access_request.pk])
        return HttpResponse(status=303, headers={"Location": target})

    def _page(
        self,
        request: HttpRequest,
        access_request: AccessRequest,
        form: VettingForm,
        *,
        status: int = 200,
        too_late: str = "",
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            **page_context(access_request, person(request), form),
            "opts": self.model._meta,
            "title": "Access request",
            "subtitle": str(access_request),
            "too_late": too_late,
        }
        return TemplateResponse(request, "admin/partners/accessrequest/vetting.html", context, status=status)
