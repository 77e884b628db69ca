"""Freeze days, which staff enter here; departures and passengers, to look at: the desk and the command run them."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from accounts.visitor import person
from audit.recording import record
from partners.looking import LookOnly, ReviewersLook
from trains.departing import CHAIN
from trains.models import Departure, Freeze, Passenger

# A longer freeze is a typing error: whoever is ready would wait for months.
LONGEST_FREEZE = timedelta(days=92)


class FreezeForm(forms.ModelForm):
    class Meta:
        model = Freeze
        fields = ["first", "last", "reason"]
        labels = {"first": "First day", "last": "Last day"}
        help_texts = {"last": "It belongs to the freeze.", "reason": "Partners read it beside the day."}

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        first, last = found.get("first"), found.get("last")
        if first and last and last - first > LONGEST_FREEZE:
            raise ValidationError({"last": f"Freeze at most {LONGEST_FREEZE.days} days at once."})
        return found


@admin.register(Freeze)
class FreezeAdmin(ReviewersLook):
    """Days without a train. Partners whose train is moved by it hear of that within minutes."""

    form = FreezeForm
    list_display = ["first", "last", "reason", "created_by"]
    list_select_related = ["created_by"]
    list_per_page = 25
    show_full_result_count = False

    def save_model(self, request: HttpRequest, obj: Freeze, form: Any, change: bool) -> None:
        if not change:
            obj.created_by = person(request)
        super().save_model(request, obj, form, change)
        self._record(request, "freeze.changed" if change else "freeze.added", obj)

    def delete_model(self, request: HttpRequest, obj: Freeze) -> None:
        self._record(request, "freeze.removed", obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for freeze in queryset:
            self.delete_model(request, freeze)

    def _record(self, request: HttpRequest, action: str, obj: Freeze) -> None:
        record(person(request), action, obj, chain=CHAIN, first=str(obj.first), last=str(obj.last))


@admin.register(Departure)
class DepartureAdmin(LookOnly, ReviewersLook):
    list_display = ["day", "lane", "left_at", "released_by"]
    list_filter = ["lane"]
    list_select_related = ["released_by"]
    list_per_page = 25
    show_full_result_count = False


@admin.register(Passenger)
class PassengerAdmin(LookOnly, ReviewersLook):
    list_display = ["__str__", "state", "lane", "ready_at", "departed_at"]
    list_filter = ["state", "lane"]
    raw_id_fields = ["app", "version", "pull", "replaced_version", "departure"]
    search_fields = ["app__name", "app__slug"]
    list_per_page = 25
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request)
        rows = rows.select_related("app", "version", "pull__repository", "replaced_version__app", "departure")
        return rows.defer("version__manifest", "replaced_version__manifest")
