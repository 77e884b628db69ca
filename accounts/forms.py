"""Forms about one's own account."""

from zoneinfo import available_timezones

from django import forms
from django.http import HttpRequest

from accounts.models import User


def _zone_choices() -> list[tuple[str, str]]:
    zones = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))
    return [("UTC", "UTC"), *((zone, zone.replace("_", " ")) for zone in zones)]


class SignupForm(forms.Form):
    """What sign-up asks besides address and password."""

    name = forms.CharField(
        max_length=120,
        label="Your name",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text="As colleagues and Segment’s reviewers will see it.",
    )
    # Filled in by static/js/time-zone.js; whatever is no zone counts as unknown.
    time_zone = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput(attrs={"data-time-zone": True}))
    field_order = ["name", "email", "password1"]

    def clean_time_zone(self) -> str:
        guess = self.cleaned_data["time_zone"]
        return guess if guess in available_timezones() else "UTC"

    def signup(self, request: HttpRequest, user: User) -> None:
        user.name = self.cleaned_data["name"]
        user.time_zone = self.cleaned_data["time_zone"]
        user.save(update_fields=["name", "time_zone"])


class ProfileForm(forms.ModelForm):
    time_zone = forms.ChoiceField(choices=_zone_choices, help_text="Dates and times are shown in this zone.")

    class Meta:
        model = User
        fields = ["name", "time_zone"]


class DeletionForm(forms.Form):
    """Typing the address is the confirmation."""

    confirm = forms.CharField(max_length=254, label="Your email address")

    def __init__(self, *args: object, user: User, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.user = user
        self.fields["confirm"].help_text = f"Type {user.email} to confirm."

    def clean_confirm(self) -> str:
        typed = self.cleaned_data["confirm"].strip()
        if typed.lower() != self.user.email:
            raise forms.ValidationError(f"This is not your address. Type {self.user.email} to confirm.")
        return typed
