"""The form that takes a pasted request for verification. Nothing of it is stored."""

from typing import Any

from django import forms

from runtime.pasted import MAX_CHARACTERS, Pasted, header_name, read_pasted
from runtime.signing import ID, SIGNATURE, TIMESTAMP, BadSecret, key_of

_PLAIN = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}
_TOO_LONG = {"max_length": f"This is too long: paste at most {MAX_CHARACTERS:,} characters."}


def _line(label: str) -> forms.CharField:
    return forms.CharField(label=label, max_length=2_000, required=False, widget=forms.TextInput(attrs=_PLAIN))


def _area(label: str, hint: str, rows: int) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        max_length=MAX_CHARACTERS,
        required=False,
        strip=False,
        error_messages=_TOO_LONG,
        widget=forms.Textarea(attrs=_PLAIN | {"rows": rows, "class": "mono"}),
    )


class VerifyForm(forms.Form):
    """A whole request in one field, or its parts in four; what stands in the parts wins."""

    marks_optional = False
    request = _area("Request", "Headers, an empty line and the body, as your server got them; or a curl command.", 10)
    webhook_id = _line(ID)
    webhook_timestamp = _line(TIMESTAMP)
    webhook_signature = _line(SIGNATURE)
    body = _area("Raw body", "The bytes before any parser touched them.", 5)
    secret = forms.CharField(
        label="Your secret",
        max_length=500,
        required=False,
        help_text="Only if you want to know whether your server has the right one. It is not shown again.",
        widget=forms.PasswordInput(attrs=_PLAIN | {"autocomplete": "new-password"}),
    )

    def clean_secret(self) -> str:
        text = str(self.cleaned_data["secret"]).strip()
        if text:
            try:
                key_of(text)
            except BadSecret:
                raise forms.ValidationError(
                    "This is no signing secret: it is “whsec_” and then letters, digits, + and / (base64)."
                ) from None
        return text

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not any(str(data.get(name, "")).strip() for name in self.fields if name != "secret"):
            self.add_error("request", "Paste a request here, or fill in its parts below.")
        return data

    def pasted(self) -> Pasted:
        """The request to judge."""
        data = self.cleaned_data
        whole = read_pasted(data["request"])
        parts = {header_name(name): data[name] for name in ("webhook_id", "webhook_timestamp", "webhook_signature")}
        headers = whole.headers | {name: value for name, value in parts.items() if value}
        return Pasted(headers, data["body"].replace("\r\n", "\n") or whole.body)
