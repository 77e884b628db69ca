"""Seats in the partners' Slack workspace: who waits for an invitation, and that it was sent."""

from django.contrib import admin, messages
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest

from accounts.visitor import person
from partners.looking import LookOnly, ReviewersLook
from partners.models import Membership
from planning import slack_seats
from planning.models import SlackSeat


class WaitingFilter(admin.SimpleListFilter):
    title = "invitation"
    parameter_name = "invited"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("no", "waits for one"), ("yes", "invited")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[SlackSeat]) -> QuerySet[SlackSeat]:
        return queryset.filter(invited_at__isnull=self.value() == "no") if self.value() else queryset


class SlackSeatAdmin(LookOnly, ReviewersLook):
    """Invite in Slack first, then say here that it is done: the person gets a mail."""

    list_display = ["user", "company", "asked_at", "invited_at", "invited_by", "is_member"]
    list_filter = [WaitingFilter]
    list_select_related = ["user", "company", "invited_by"]
    search_fields = ["user__email", "company__name"]
    actions = ["invited"]
    list_per_page = 25
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[SlackSeat]:
        member = Membership.objects.filter(company=OuterRef("company"), user=OuterRef("user"))
        return super().get_queryset(request).annotate(member=Exists(member))

    @admin.display(description="still a member", boolean=True)
    def is_member(self, seat: SlackSeat) -> bool:
        return bool(getattr(seat, "member", False))

    @admin.action(description="I have invited them in Slack: tell them", permissions=["view"])
    def invited(self, request: HttpRequest, chosen: QuerySet[SlackSeat]) -> None:
        done = [slack_seats.give(person(request), seat) for seat in chosen.order_by("pk")]
        if sum(done):
            self.message_user(request, f"{sum(done)} told.", messages.SUCCESS)
        if left := len(done) - sum(done):
            self.message_user(request, f"{left} left alone: told before, or no longer a member.", messages.WARNING)
