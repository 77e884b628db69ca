"""Life after launch as staff see it: what was found, what is at risk, what is planned."""

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.rules import is_reviewer
from accounts.visitor import person
from partners.looking import LookOnly, ReviewersLook
from upkeep import risks
from upkeep.inquiry_desk import InquiryAdmin
from upkeep.models import Inquiry, LaunchItem, NightlyCheck, Risk
from upkeep.risk_desk import RiskAdmin


class ReasonForm(ActionForm):
    """What staff type beside the action."""

    reason = forms.CharField(label="Reason, which its makers read", required=False, max_length=risks.REASON_LIMIT)


@admin.register(NightlyCheck)
class NightlyCheckAdmin(LookOnly, ReviewersLook):
    list_display = ["app", "night", "found", "looked_at"]
    list_filter = ["found"]
    list_select_related = ["app"]
    search_fields = ["app__name", "app__slug"]
    actions = ["count_as_failed"]
    action_form = ReasonForm
    list_per_page = 25
    show_full_result_count = False

    def has_judge_permission(self, request: HttpRequest) -> bool:
        return is_reviewer(request.user)

    @admin.action(description="Count as failed: the App’s own fault", permissions=["judge"])
    def count_as_failed(self, request: HttpRequest, queryset: QuerySet[NightlyCheck]) -> None:
        """For the failed branch of a repository that several Apps share, once somebody knows whose fault it is."""
        done = 0
        for check in queryset.select_related("app__company").order_by("pk"):
            try:
                risks.count_as_failed(person(request), check, request.POST.get("reason", ""))
            except (PermissionDenied, ValidationError) as refused:
                self.message_user(request, f"{check}: {_words(refused)}", messages.WARNING)
            else:
                done += 1
        if done:
            self.message_user(request, f"{done} counted as failed.", messages.SUCCESS)


@admin.register(LaunchItem)
class LaunchItemAdmin(LookOnly, ReviewersLook):
    list_display = ["app", "kind", "planned_on", "done_at"]
    list_filter = ["kind"]
    list_select_related = ["app", "created_by"]
    search_fields = ["app__name", "app__slug"]
    list_per_page = 25
    show_full_result_count = False


def _words(refused: PermissionDenied | ValidationError) -> str:
    return refused.messages[0] if isinstance(refused, ValidationError) else str(refused)


admin.site.register(Inquiry, InquiryAdmin)
admin.site.register(Risk, RiskAdmin)
