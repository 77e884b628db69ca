"""Slack channels in the admin: which kinds go where. The address goes in and never comes out."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.visitor import person
from audit.recording import record
from leases.doorbell import ring
from notifications import slack
from notifications.control import AUDIT_CHAIN
from notifications.kinds import for_slack
from notifications.models import SlackChannel
from notifications.outbox import DELIVER_TO_SLACK, trial_post


class SlackChannelForm(forms.ModelForm):
    """`address` is written only; left empty on a channel that has one, the old one stays."""

    address = forms.CharField(
        label="Address of the incoming webhook", max_length=slack.ADDRESS_LIMIT, required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "size": 80}),
        help_text="From Slack, for example https://hooks.slack.com/services/… It is encrypted and not shown again.",
    )  # fmt: skip
    kinds = forms.MultipleChoiceField(
        label="Messages", required=False, widget=forms.CheckboxSelectMultiple,
        choices=[(kind.name, f"{kind.title} ({kind.group.value})") for kind in for_slack()],
    )  # fmt: skip

    class Meta:
        model = SlackChannel
        fields = ("name", "address", "kinds", "is_on")

    def clean_address(self) -> str:
        address = slack.good_address(self.cleaned_data["address"])
        if not address and not self.instance.address_sealed:
            raise ValidationError("Paste the address that Slack shows for the webhook.")
        return address


class SlackChannelAdmin(admin.ModelAdmin):
    form = SlackChannelForm
    list_display = ("name", "scope", "is_on", "number_of_kinds", "parked_at", "quiet_until")
    readonly_fields = ("parked_at", "parked_reason", "quiet_until")
    fields = ("name", "address", "kinds", "is_on", "parked_at", "parked_reason", "quiet_until")
    actions = ("send_trial",)
    list_per_page = 25
    show_full_result_count = False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was posted hangs on it: switch it off instead."""
        return False

    @admin.action(description="Send a test message", permissions=["change"])
    def send_trial(self, request: HttpRequest, chosen: QuerySet[SlackChannel]) -> None:
        for channel in chosen.filter(is_on=True):
            trial_post(channel, key=f"slack:{channel.pk}:trial:{timezone.now():%Y%m%d%H%M}")
        self.message_user(request, "On its way. The outbox shows whether Slack took it.")

    @admin.display(description="messages")
    def number_of_kinds(self, channel: SlackChannel) -> int:
        return len(channel.kinds)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Who may only look gets no field to type an address into."""
        may_write = self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        return self.fields if may_write else tuple(name for name in self.fields if name != "address")

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: SlackChannel, form: Any, change: bool) -> None:
        """A new address, and any save of a parked channel, lets its messages go out again."""
        if address := form.cleaned_data["address"]:
            obj.address_sealed = slack.seal_address(address)
        obj.parked_at, obj.parked_reason, obj.quiet_until = None, "", None
        super().save_model(request, obj, form, change)
        fields = sorted(set(form.changed_data))
        record(person(request), "slack.changed" if change else "slack.added", obj, chain=AUDIT_CHAIN, fields=fields)
        ring(DELIVER_TO_SLACK)
