"""The form that tells the built-in endpoint how to answer."""

from typing import Any

from django import forms

from apps_catalog.echo_control import Script
from apps_catalog.echo_scripts import DEFAULT_MESSAGE, MAX_RETRY_AFTER_SECONDS, MAX_SLOW_SECONDS, MAX_TIMES
from apps_catalog.models import EchoInbox
from apps_catalog.states import EchoScript

DEFAULT_SECONDS = 5
SECONDS_LIMITS = {EchoScript.TOO_MANY: MAX_RETRY_AFTER_SECONDS, EchoScript.SLOW: MAX_SLOW_SECONDS}


class ScriptForm(forms.Form):
    """All fields stand there whatever is chosen, so that it works without scripts; hints say what uses them."""

    script = forms.ChoiceField(label="Answer with", choices=EchoScript.choices)
    times = forms.IntegerField(
        label="For how many requests",
        min_value=1,
        max_value=MAX_TIMES,
        required=False,
        help_text="Afterwards it answers 200 again. Leave this empty to go on until you change it.",
    )
    seconds = forms.IntegerField(
        label="Seconds",
        min_value=0,
        max_value=MAX_RETRY_AFTER_SECONDS,
        required=False,
        help_text=f"For 429: how long to wait, up to {MAX_RETRY_AFTER_SECONDS:,}. "
        f"For the pause: up to {MAX_SLOW_SECONDS}.",
    )
    message = forms.CharField(
        label="Message",
        max_length=500,
        required=False,
        help_text=f"For 400: what customers read. Empty means “{DEFAULT_MESSAGE}”",
    )

    def __init__(self, data: Any = None, *, inbox: EchoInbox) -> None:
        initial = {
            "script": inbox.script,
            "times": inbox.script_left or None,
            "seconds": inbox.script_seconds or DEFAULT_SECONDS,
            "message": inbox.script_message,
        }
        super().__init__(data, initial=initial, auto_id="script-%s")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        limit = SECONDS_LIMITS.get(data.get("script", ""))
        if limit is not None and (data.get("seconds") or 0) > limit:
            self.add_error("seconds", f"Enter at most {limit} seconds: a pause holds a place of this site’s server.")
        return data

    def wanted(self) -> Script:
        data = self.cleaned_data
        name = EchoScript(data["script"])
        seconds = data["seconds"] if data["seconds"] is not None else DEFAULT_SECONDS
        return Script(name, data["times"], seconds, data["message"])
