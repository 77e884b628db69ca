"""What the desk asks for when it holds back, releases at once or rolls back."""

from typing import Any

from django import forms

from trains.departing import TEXT_LIMIT


class ReasonForm(forms.Form):
    """Over the limit the text comes back whole: the browser cuts nothing off."""

    reason = forms.CharField(
        max_length=TEXT_LIMIT, widget=forms.Textarea,
        error_messages={
            "required": "Give the reason: it is kept, and the makers of the App read it.",
            "max_length": f"Use at most {TEXT_LIMIT:,} characters. Your text is still here.",
        },
    )  # fmt: skip

    @property
    def error_text(self) -> str:
        return " ".join(str(error) for errors in self.errors.values() for error in errors)

    @property
    def typed(self) -> Any:
        return self["reason"].value() or ""
