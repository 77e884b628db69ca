"""Mails that came in: staff put a held one into its thread, or throw it away."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.visitor import person
from leases.transitions import StaleState
from notifications.looking import ReadOnlyAdmin
from notifications.models import InboundMail
from reviews import replies
from reviews.refusals import Refused

MOST = 25


class InboundMailAdmin(ReadOnlyAdmin):
    list_display = ("sender", "user", "case", "state", "reason", "at")
    list_filter = ("state",)
    list_select_related = ("user",)
    search_fields = ("sender", "user__email", "case")
    fields = readonly_fields = ("sender", "user", "case", "state", "reason", "text", "at")
    actions = ("let_in", "throw_away")

    @admin.action(description="Put held mails into their threads", permissions=["view"])
    def let_in(self, request: HttpRequest, chosen: QuerySet[InboundMail]) -> None:
        self._each(request, chosen, replies.let_in, "put into the thread")

    @admin.action(description="Throw held mails away", permissions=["view"])
    def throw_away(self, request: HttpRequest, chosen: QuerySet[InboundMail]) -> None:
        self._each(request, chosen, replies.throw_away, "thrown away")

    def _each(self, request: HttpRequest, chosen: QuerySet[InboundMail], verb: Callable[..., Any], done: str) -> None:
        rows = list(chosen.order_by("pk")[:MOST])
        number = sum(_carry_out(verb, row, request) for row in rows)
        if number:
            self.message_user(request, f"{number} {done}.", messages.SUCCESS)
        if left := len(rows) - number:
            self.message_user(request, f"{left} left alone: not held any more, or its person left.", messages.WARNING)


def _carry_out(verb: Callable[..., Any], mail: InboundMail, request: HttpRequest) -> bool:
    try:
        verb(mail, person(request))
    except (StaleState, PermissionDenied, Refused):
        return False
    return True
