"""The outbox for staff: to look at, and to send again what failed. Nothing is written here by hand."""

from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import User
from leases.transitions import StaleState
from notifications import outbox
from notifications.models import Notice, OutboxMessage
from notifications.states import MessageState


class ReadOnlyAdmin(admin.ModelAdmin):
    show_full_result_count = False
    list_per_page = 25

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(OutboxMessage)
class OutboxMessageAdmin(ReadOnlyAdmin):
    list_display = ("subject", "recipient", "kind", "state", "tries", "possible_repeats", "due_at", "sent_at")
    list_filter = ("state",)
    search_fields = ("recipient", "subject", "message_id")
    actions = ("send_again",)
    fields = (
        "kind", "recipient", "subject", "content", "state", "due_at", "sent_at", "tries", "attempts",
        "possible_repeats", "last_error", "message_id", "case", "dedupe_key", "created_at",
    )  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.fields

    @admin.display(description="text")
    def content(self, message: OutboxMessage) -> str:
        """The plain text, unless it lets its reader act as the recipient."""
        if message.is_secret:
            return "Not shown: it carries a code or a personal link."
        return message.text or "–"

    # Actions are offered to those who may change rows; here nobody may, and staff may still do this one.
    @admin.action(description="Send failed messages again", permissions=["view"])
    def send_again(self, request: HttpRequest, chosen: QuerySet[OutboxMessage]) -> None:
        results = [self._send_again(request, message) for message in chosen.order_by("pk")[:100]]
        self.message_user(request, f"{results.count(True)} queued again.", messages.SUCCESS)
        if False in results:
            text = f"{results.count(False)} left alone: only failed messages that still have their text can be sent."
            self.message_user(request, text, messages.WARNING)

    def _send_again(self, request: HttpRequest, message: OutboxMessage) -> bool:
        if message.state != MessageState.FAILED or not message.text:
            return False
        try:
            outbox.retry(message, cast(User, request.user))
        except StaleState:
            return False
        return True


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    list_display = ("text", "user", "kind", "visible_at", "read_at")
    list_select_related = ("user",)
    search_fields = ("user__email",)
