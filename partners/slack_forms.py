"""The form of a company's Slack channel."""

from typing import Any

from django import forms

from notifications import slack
from notifications.kinds import for_company
from notifications.models import SlackChannel


class SlackForm(forms.Form):
    """`address` is written only: with a channel it may stay empty, and the one there is stays."""

    address = forms.CharField(
        label="Address of the incoming webhook", max_length=slack.ADDRESS_LIMIT,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Paste the address that Slack shows for the webhook."},
    )  # fmt: skip
    kinds = forms.MultipleChoiceField(
        label="What is posted", widget=forms.CheckboxSelectMultiple,
        choices=[(kind.name, kind.title) for kind in for_company()],
        error_messages={"required": "Choose at least one message, or disconnect the channel."},
    )  # fmt: skip

    def __init__(self, data: Any = None, *, channel: SlackChannel | None) -> None:
        kinds = channel.kinds if channel else [kind.name for kind in for_company()]
        super().__init__(data, initial={"kinds": kinds})
        self.channel = channel
        self.fields["address"].required = channel is None
        self.fields["address"].help_text = (
            "Leave it empty to keep the address that we have." if channel
            else "From Slack, for example https://hooks.slack.com/services/… It is encrypted and not shown again."
        )  # fmt: skip

    def clean_address(self) -> str:
        return slack.good_address(self.cleaned_data["address"])
