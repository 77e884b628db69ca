"""The forms in front of a run: the key and settings to run with, the groups, and the event to send.

And those that choose among kept runs.
"""

import json
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import escape
from django.utils.timezone import localtime

from apps_catalog.customer_form import choice_pairs
from apps_catalog.models import Component, Setting
from apps_catalog.setting_conditions import in_words, shown_keys
from apps_catalog.setting_secrets import is_sensitive
from apps_catalog.setting_sending import values_sent
from apps_catalog.states import ComponentKind, SettingType
from delivery.event_text import MAX_EVENT_BYTES, Excerpt, excerpt_at, pretty, read_event
from runtime.samples import GROUPS, GroupInfo, suite_cases
from runtime.suite.verdicts import REQUIRED_GROUPS
from runtime.webhooks import API_KEY
from testbench import fingerprint
from testbench.comparison import CHOICES
from testbench.models import SuiteRun, SuiteRunQuerySet
from testbench.states import RunKind, RunState, Verdict
from testbench.values import MAX_TEXT, check_values, read_value, remembered, value_of_nothing

KEPT_HINT = "Kept from last time. Leave it empty to use it again."
_LONG = frozenset({SettingType.ARRAY, SettingType.TEXT_MAP, SettingType.MAP, SettingType.MIXED})


class RunForm(forms.Form):
    """The App's settings that the component uses, with the values kept from last time.

    A sensitive value is never shown again: its field is empty and may stay so. `values()` is what the run
    takes.
    """

    kind = RunKind.SUITE

    def __init__(self, component: Component, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", f"id_{component.kind}_%s")
        super().__init__(*args, **kwargs)
        self.component = component
        self._kept = remembered(component)
        used = fingerprint.used_settings(component)
        self._settings = {setting.key: setting for setting in used}
        for setting in self._settings.values():
            self.fields[field_name(setting.key)] = _field(setting, self._kept, in_words(setting, used))
        self.fields["remember"] = forms.BooleanField(
            label="Remember these values for the next run",
            required=False,
            initial=bool(self._kept),
            help_text="They are encrypted, used for test runs only, and forgotten when you untick this.",
        )

    def values(self) -> dict[str, Any]:
        """Key → value, after `is_valid`: what a customer's install with these fields sends (D10)."""
        return self._values

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        used = list(self._settings.values())
        given = {each.key: self._read(each, cleaned.get(field_name(each.key), "")) for each in used}
        shown = shown_keys(used, given)
        for key in self._settings.keys() - shown:
            self.errors.pop(field_name(key), None)
        self._values = values_sent(used, given)
        if not self.errors:
            try:
                check_values(self._values)
            except ValidationError as error:
                self.add_error(None, error)
        return cleaned

    def _read(self, setting: Setting, given: Any) -> Any:
        """The value in the field, None for none; a secret that was left empty is the one kept from last time."""
        if isinstance(given, bool):
            return given
        if not given.strip():
            nothing = value_of_nothing(setting)
            return self._kept.get(setting.key, nothing) if is_sensitive(setting) else nothing
        try:
            return read_value(setting, given.strip())
        except ValidationError as error:
            self.add_error(field_name(setting.key), error)
            return None


class SuiteForm(RunForm):
    """The same, and the advisory groups of cases; those of the newest run are ticked again."""

    def __init__(self, component: Component, *args: Any, **kwargs: Any) -> None:
        super().__init__(component, *args, **kwargs)
        advisory = [group for group in GROUPS.values() if not group.required]
        self.fields["group"] = forms.MultipleChoiceField(
            label="Also test, for advice",
            required=False,
            choices=[(group.name, group.title) for group in advisory],
            widget=forms.CheckboxSelectMultiple,
            initial=lambda: _last_groups(component),
        )

    @property
    def required_groups(self) -> list[GroupInfo]:
        return [group for group in GROUPS.values() if group.required]

    @property
    def advisory_groups(self) -> list[tuple[GroupInfo, Any]]:
        """(what it proves, its checkbox) of each."""
        return [(GROUPS[str(box.data["value"])], box) for box in self["group"]]

    @property
    def values_fields(self) -> list[forms.BoundField]:
        """Everything but the groups, which have a look of their own."""
        return [field for field in self if field.name != "group"]

    def groups(self) -> list[str]:
        """The names of all groups to run, after `is_valid`."""
        return [*REQUIRED_GROUPS, *self.cleaned_data["group"]]


class SingleForm(RunForm):
    """The same, and one event as JSON (D14)."""

    kind = RunKind.SINGLE
    # The lines around the place where the JSON breaks off, if it does.
    excerpt: Excerpt | None = None
    event = forms.CharField(
        label="Event",
        strip=False,
        widget=forms.Textarea(attrs={"rows": 22, "class": "mono", "spellcheck": "false", "autocomplete": "off"}),
        help_text="Change what you like: it is sent exactly so, as one POST request.",
    )

    def clean_event(self) -> str:
        text = self.cleaned_data["event"]
        if len(text) > 2 * MAX_EVENT_BYTES:
            raise ValidationError(f"This text is too long: an event has at most {MAX_EVENT_BYTES:,} bytes.")
        try:
            self.event_read = read_event(text)
        except ValidationError as error:
            self.excerpt = excerpt_at(text, error)
            raise
        return text


class SampleForm(forms.Form):
    """Which sample to start from."""

    sample = forms.ChoiceField(label="Start from")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cases = {case.id: case for case in suite_cases()}
        self.fields["sample"].choices = [  # type: ignore[attr-defined]
            (case.id, f"{case.type}: {case.name}") for case in self.cases.values()
        ]

    def event_text(self) -> str:
        """The chosen sample as indented JSON with fresh ids; the first one when none is chosen."""
        chosen = self.cleaned_data.get("sample") if self.is_valid() else ""
        case = self.cases.get(chosen or "") or next(iter(self.cases.values()))
        return pretty(case.event)


class HistoryForm(forms.Form):
    """Filters of the list of runs. What is not a choice filters nothing."""

    component = forms.ChoiceField(
        required=False,
        choices=[("", "All components"), *((kind.value, kind.label.capitalize()) for kind in ComponentKind)],
    )
    verdict = forms.ChoiceField(
        label="Result",
        required=False,
        choices=[
            ("", "All results"),
            (Verdict.GREEN.value, "Passed"),
            (Verdict.YELLOW.value, "Passed, not all supported"),
            (Verdict.RED.value, "Failed"),
            (RunState.CANCELLED.value, "Cancelled"),
        ],
    )

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.is_valid()

    def is_filtering(self) -> bool:
        return bool(self.cleaned_data.get("component") or self.cleaned_data.get("verdict"))

    def narrow(self, runs: Any) -> Any:
        """The runs that the filters leave."""
        kind, verdict = self.cleaned_data.get("component"), self.cleaned_data.get("verdict")
        runs = runs.filter(component__kind=kind) if kind else runs
        if verdict == RunState.CANCELLED:
            return runs.filter(state=RunState.CANCELLED)
        return runs.filter(verdict=verdict) if verdict else runs


class CompareForm(forms.Form):
    """Which of the earlier runs to compare with; the newest unless one is chosen. `chosen` is None without any."""

    def __init__(self, earlier: SuiteRunQuerySet, data: Any = None) -> None:
        super().__init__(data)
        self._runs = {str(run.pk): run for run in earlier[:CHOICES]}
        self.fields["with"] = forms.ChoiceField(
            label="Compare with the run of", choices=[(pk, _run_label(run)) for pk, run in self._runs.items()]
        )
        self.chosen = self._choose(earlier, str(data.get("with", "")) if data else "")
        self.initial["with"] = str(self.chosen.pk) if self.chosen else ""

    def _choose(self, earlier: SuiteRunQuerySet, wanted: str) -> SuiteRun | None:
        """An older run than the list shows can be linked to, too."""
        try:
            linked = UUID(wanted)
        except ValueError:
            return next(iter(self._runs.values()), None)
        return self._runs.get(str(linked)) or earlier.filter(pk=linked).first() or next(iter(self._runs.values()), None)


def _run_label(run: SuiteRun) -> str:
    word = {"green": "passed", "yellow": "passed", "red": "failed"}.get(run.verdict, run.state)
    return f"{localtime(run.created_at):%d %b %Y, %H:%M %Z}: {word}, {run.passed} of {run.planned}"  # type: ignore[attr-defined]


def _last_groups(component: Component) -> list[str]:
    """The groups of the newest suite that a person of the partner started: what they chose is remembered by it."""
    runs = SuiteRun.objects.suites().filter(component=component, submission_id__isnull=True)
    chosen = runs.order_by("-created_at").values_list("groups", flat=True).first() or []
    return [name for name in chosen if name not in REQUIRED_GROUPS]


def field_name(key: str) -> str:
    return key if key == API_KEY else f"setting-{key}"


def _field(setting: Setting, kept: dict[str, Any], condition: str) -> forms.Field:
    """`condition`: when a customer sees the setting, in words; "" for always."""
    sensitive = is_sensitive(setting)
    is_kept = setting.key in kept
    initial = "" if sensitive else _as_text(kept.get(setting.key, setting.default))
    words = f"Only sent as typed if {condition}." if condition else ""
    options: dict[str, Any] = {
        "label": setting.label,
        # Help texts are trusted HTML; the labels of settings are not.
        "help_text": " ".join(filter(None, [KEPT_HINT if sensitive and is_kept else "", escape(words)])),
        "required": setting.required and not (sensitive and is_kept),
        "initial": initial,
        "error_messages": {"required": f"Enter the {setting.label}."},
    }
    if setting.type == SettingType.BOOLEAN:
        on = bool(kept.get(setting.key, setting.default))
        return forms.BooleanField(**options | {"required": False, "initial": on})
    if setting.type == SettingType.SELECT and setting.choices:
        return forms.ChoiceField(choices=[("", "Choose…"), *choice_pairs(setting.choices)], **options)
    return forms.CharField(max_length=MAX_TEXT, strip=False, widget=_widget(setting, is_kept), **options)


def _widget(setting: Setting, is_kept: bool) -> forms.Widget:
    if is_sensitive(setting):
        attrs = {"autocomplete": "off", "placeholder": "••••••••" if is_kept else ""}
        # What was typed comes back with an error; what is kept never does.
        return forms.PasswordInput(render_value=True, attrs=attrs)
    if setting.type in _LONG:
        return forms.Textarea(attrs={"rows": 3, "class": "mono"})
    return forms.TextInput(attrs={"autocomplete": "off"})


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
