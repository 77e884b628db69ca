"""Mails that wait to be read. Staff see that there is one, and never what is in it: nobody knows yet whose it is."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.visitor import person
from leases.transitions import StaleState
from notifications import arrivals
from notifications.looking import ReadOnlyAdmin
from notifications.models import ArrivedMail

MOST = 25


class ArrivedMailAdmin(ReadOnlyAdmin):
    list_display = ("at", "size", "waits", "tries", "last_error")
    fields = readonly_fields = ("at", "size", "waits", "tries", "last_error")
    actions = ("read_again", "throw_away")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ArrivedMail]:
        return super().get_queryset(request).defer("raw", "recipient")

    @admin.display(description="waits for")
    def waits(self, mail: ArrivedMail) -> str:
        return "a worker" if mail.due_at else "you"

    @admin.action(description="Try again to read them", permissions=["view"])
    def read_again(self, request: HttpRequest, chosen: QuerySet[ArrivedMail]) -> None:
        self._each(request, chosen, arrivals.read_again, "queued again")

    @admin.action(description="Throw away what could not be read", permissions=["view"])
    def throw_away(self, request: HttpRequest, chosen: QuerySet[ArrivedMail]) -> None:
        self._each(request, chosen, arrivals.throw_away, "thrown away")

    def _each(self, request: HttpRequest, chosen: QuerySet[ArrivedMail], verb: Callable[..., Any], done: str) -> None:
        rows = list(chosen.order_by("pk")[:MOST])
        number = sum(_carry_out(verb, row, request) for row in rows)
        if number:
            self.message_user(request, f"{number} {done}.", messages.SUCCESS)
        if left := len(rows) - number:
            self.message_user(request, f"{left} left alone: a worker still tries to read them.", messages.WARNING)


def _carry_out(verb: Callable[..., Any], mail: ArrivedMail, request: HttpRequest) -> bool:
    try:
        verb(mail, person(request))
    except StaleState:
        return False
    return True
