"""The forms of an App's OAuth page: redirect URIs, a secret's name, the scope."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from apps_catalog.console import DraftForm
from installs import redirects
from installs.models import MOST_REDIRECT_URIS, Client
from installs.states import WIDE, ScopeKind

_NO_HELP = {"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}
REASON_LENGTH = 2_000
_ROWS = [f"uri_{number}" for number in range(1, MOST_REDIRECT_URIS + 1)]


class RedirectsForm(DraftForm):
    """One row for each redirect URI that there can be, and whether the client is classic."""

    marks_optional = False

    def __init__(self, data: Any = None, *, client: Client) -> None:
        super().__init__(data, initial={"revision": client.revision, **self.saved_values(client)})
        for number, name in enumerate(_ROWS, start=1):
            self.fields[name] = forms.CharField(
                label=f"Redirect URI {number}", required=False,
                widget=forms.URLInput(attrs={**_NO_HELP, "class": "mono", "placeholder": "https://"}),
            )  # fmt: skip
        self.fields["is_classic"] = forms.BooleanField(
            label="Classic client: works without PKCE", required=False,
            help_text="Only for a library that cannot do PKCE. Every request then has to carry a <code>state</code>.",
        )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name in _ROWS:
            try:
                if data.get(name):
                    redirects.check(data[name])
            except ValidationError as refused:
                self.add_error(name, refused)
        return data

    @property
    def rows(self) -> list[forms.BoundField]:
        return [self[name] for name in _ROWS]

    @property
    def uris(self) -> list[str]:
        """What was typed, in the order of the rows; empty rows are left out."""
        return [self.cleaned_data[name] for name in _ROWS if self.cleaned_data[name]]

    def saved_values(self, row: Client) -> dict[str, Any]:
        uris = row.uris + [""] * len(_ROWS)
        return {**dict(zip(_ROWS, uris, strict=False)), "is_classic": row.is_classic}


class SecretForm(forms.Form):
    """The name of a new secret. `newest` is the newest one that the page knew: a second click makes no other."""

    name = forms.CharField(
        label="Name", max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "Production"}),
        help_text="Where it will be used, so that you know later which one to retire.",
    )  # fmt: skip
    newest = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class ScopeForm(forms.Form):
    """Asking staff for a scope beyond the App's own destination (D44)."""

    kind = forms.ChoiceField(label="Scope", widget=forms.RadioSelect)
    reason = forms.CharField(
        label="Why your App needs it", max_length=REASON_LENGTH, widget=forms.Textarea(attrs={"rows": 5}),
        help_text="What your customers can do with it that they cannot do with one destination. Segment reads this.",
    )  # fmt: skip

    def __init__(self, data: Any = None, *, allowed: set[str]) -> None:
        super().__init__(data)
        missing = [(kind.value, f"{kind.value}: {kind.label}") for kind in ScopeKind if kind in WIDE - allowed]
        self.fields["kind"].choices = missing  # type: ignore[attr-defined]
