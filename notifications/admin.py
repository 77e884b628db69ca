"""The outbox for staff: to look at, hold, release, send again and cancel. Nothing is written here by hand.

The pages for templates are in `template_admin`, those for Slack in `slack_admin`.
"""

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.visitor import person
from leases.transitions import StaleState
from notifications import control
from notifications.arrived_admin import ArrivedMailAdmin
from notifications.kinds import KINDS
from notifications.looking import ReadOnlyAdmin
from notifications.models import ArrivedMail, Notice, OutboxMessage, SlackChannel, TemplateOverride
from notifications.slack_admin import SlackChannelAdmin
from notifications.template_admin import TemplateOverrideAdmin

admin.site.register(ArrivedMail, ArrivedMailAdmin)
admin.site.register(SlackChannel, SlackChannelAdmin)
admin.site.register(TemplateOverride, TemplateOverrideAdmin)
# An action takes so many rows; a page shows 25, and “select all” more.
MOST = 100
SECRET = "Not shown: it carries a code or a personal link."  # noqa: S105


class KindFilter(admin.SimpleListFilter):
    """By the table of kinds: asking the outbox which there are would read all of it."""

    title = "kind"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterator[tuple[str, str]]:
        return ((kind.name, kind.title) for kind in KINDS.values())

    def queryset(self, request: HttpRequest, queryset: QuerySet[OutboxMessage]) -> QuerySet[OutboxMessage]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(OutboxMessage)
class OutboxMessageAdmin(ReadOnlyAdmin):
    list_display = ("title", "to", "kind", "state", "tries", "possible_repeats", "due_at", "sent_at")
    list_filter = ("state", "is_muted", ("channel", admin.RelatedOnlyFieldListFilter), KindFilter)
    list_select_related = ("channel",)
    search_fields = ("recipient", "subject", "message_id", "case")
    actions = ("hold", "release", "send_again", "cancel")
    fields = (
        "kind", "recipient", "channel", "title", "content", "state", "is_muted", "due_at", "sent_at", "tries",
        "attempts", "possible_repeats", "last_error", "message_id", "case", "dedupe_key", "created_at",
    )  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.fields

    @admin.display(description="subject", ordering="subject")
    def title(self, message: OutboxMessage) -> str:
        """Codes may stand in a subject, too."""
        return SECRET if message.is_secret and message.kind not in KINDS else message.subject

    @admin.display(description="to", ordering="recipient")
    def to(self, message: OutboxMessage) -> str:
        return f"Slack: {message.channel}" if message.channel else message.recipient

    @admin.display(description="text")
    def content(self, message: OutboxMessage) -> str:
        """The plain text, unless it lets its reader act as the recipient."""
        if message.is_secret:
            return SECRET
        return message.text or "–"

    # Actions are offered to those who may change rows; here nobody may, and staff may still do these.
    @admin.action(description="Hold: do not send until released", permissions=["view"])
    def hold(self, request: HttpRequest, chosen: QuerySet[OutboxMessage]) -> None:
        self._each(request, chosen, control.hold, "held", "only messages that are queued can be held")

    @admin.action(description="Release held messages", permissions=["view"])
    def release(self, request: HttpRequest, chosen: QuerySet[OutboxMessage]) -> None:
        self._each(request, chosen, control.release, "released", "only held messages can be released")

    @admin.action(description="Send failed messages again", permissions=["view"])
    def send_again(self, request: HttpRequest, chosen: QuerySet[OutboxMessage]) -> None:
        why = "only failed messages that still have their text can be sent"
        self._each(request, chosen, control.retry, "queued again", why, needs_text=True)

    @admin.action(description="Cancel: never send", permissions=["view"])
    def cancel(self, request: HttpRequest, chosen: QuerySet[OutboxMessage]) -> None:
        why = "only messages that have not been sent can be cancelled"
        self._each(request, chosen, control.cancel, "cancelled", why)

    def _each(
        self, request: HttpRequest, chosen: QuerySet[OutboxMessage], verb: Callable[..., None], done: str, why: str,
        *, needs_text: bool = False,
    ) -> None:  # fmt: skip
        rows = list(chosen.order_by("pk")[:MOST])
        results = [(row.text or not needs_text) and _carry_out(verb, row, request) for row in rows]
        if number := sum(map(bool, results)):
            self.message_user(request, f"{number} {done}.", messages.SUCCESS)
        if left := len(results) - number:
            self.message_user(request, f"{left} left alone: {why}.", messages.WARNING)


def _carry_out(verb: Callable[..., None], message: OutboxMessage, request: HttpRequest) -> bool:
    try:
        verb(message, person(request))
    except StaleState:
        return False
    return True


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    list_display = ("text", "user", "kind", "visible_at", "read_at")
    list_select_related = ("user",)
    search_fields = ("user__email",)
