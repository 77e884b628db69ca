"""The forms of a thread. What is too long comes back whole, with the reason."""

import uuid
from typing import Any, cast

from django import forms
from django.http import QueryDict

from reviews.threads import TEXT_LIMIT

HINT = "Markdown works: **bold**, lists, links, `code`."


class MessageForm(forms.Form):
    """`token` makes a form that is sent twice one message; `seen` is the newest entry that was on the page."""

    text = forms.CharField(
        label="Your message", help_text=HINT, max_length=TEXT_LIMIT, widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": "Write a message first."},
    )  # fmt: skip
    token = forms.UUIDField(widget=forms.HiddenInput, error_messages={"required": "Load the page again, then send."})
    seen = forms.IntegerField(min_value=0, required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, newest: int = 0, prefix: str = "message") -> None:
        super().__init__(data, prefix=prefix, initial={"token": uuid.uuid4(), "seen": newest})

    def replace_seen(self, newest: int) -> None:
        """Let the same message go out now that its writer is shown what is new."""
        sent = cast(QueryDict, self.data).copy()
        sent[self.add_prefix("seen")] = str(newest)
        self.data = sent


class ReviewerMessageForm(MessageForm):
    no_answer = forms.BooleanField(label="No answer needed", required=False)


class NoteForm(MessageForm):
    """For reviewers only; nobody waits for a note."""

    def __init__(self, data: Any = None, *, newest: int = 0) -> None:
        super().__init__(data, newest=newest, prefix="note")
        self.fields["text"].label = "Private note"
        self.fields["text"].help_text = "Only reviewers see it."
        self.fields["text"].widget.attrs["rows"] = 3
        self.fields["text"].error_messages["required"] = "Write a note first."
