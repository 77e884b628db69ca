"""What every page of the partner console has in common: whose App it is, and how a draft form is answered."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import F
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from accounts.models import User
from apps_catalog.drafting import StaleDraft
from apps_catalog.models import App

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
Rule = Callable[[Any, App], bool]
View = Callable[..., HttpResponseBase]


def app_page(rule: Rule | None = None, *, read_rule: Rule | None = None) -> Callable[[View], View]:
    """For views `(request, app, …)` below /apps/<slug>/.

    Signed in, or to the log-in; an App that does not exist for this person is a 404. `rule` is asked for
    methods that change something (none given: nobody may), `read_rule` for the others (none given:
    whoever sees the App); a no is a 403. The checklist appears beside the page.
    """

    def decorate(view: View) -> View:
        @login_required
        @wraps(view)
        def page(request: HttpRequest, slug: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
            visible = App.objects.visible_to(request.user).select_related("company", "listing")
            visible = visible.annotate(at_risk_since=F("entry__at_risk_since"))  # for the header
            app = get_object_or_404(visible, slug=slug)
            if not _may(request, app, rule, read_rule):
                raise PermissionDenied
            request.app_on_page = app  # type: ignore[attr-defined]
            return view(request, app, *args, **kwargs)

        return page

    return decorate


def _may(request: HttpRequest, app: App, rule: Rule | None, read_rule: Rule | None) -> bool:
    if request.method in SAFE_METHODS:
        return read_rule is None or read_rule(request.user, app)
    return rule is not None and rule(request.user, app)


def acting(request: HttpRequest) -> User:
    """The signed-in person who asks: the actor of a verb. Only behind `app_page` or `login_required`."""
    return cast(User, request.user)


def see_other(request: HttpRequest, url: str, text: str = "") -> HttpResponse:
    """Redirect after a POST with 303, so that reloading repeats nothing."""
    if text:
        messages.success(request, text)
    return HttpResponseRedirect(url, status=303)


def wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "").startswith("application/json")


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that two people left differently: what stands there now and what this form says.

    `name` is the field's and `value` what it would hold, where one click can take the saved version over.
    """

    label: str
    theirs: str
    mine: str
    name: str = ""
    value: str = ""


class DraftForm(forms.Form):
    """A form over part of a draft; `revision` is the number it was filled in from."""

    revision = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def differences(self, row: Any) -> list[Difference]:
        """Where the saved row differs from what was typed. Secrets are never shown."""
        found = []
        for name, theirs in self.saved_values(row).items():
            mine = self.cleaned_data.get(name)
            if (mine or "") != (theirs or ""):
                found.append(self._difference(name, theirs, mine))
        return found

    def _difference(self, name: str, theirs: Any, mine: Any) -> Difference:
        field = self.fields[name]
        value = field.prepare_value(theirs)
        # Several values, or a file, cannot be put into one control.
        is_plain = value is None or isinstance(value, str | int)
        return Difference(
            str(field.label or name), _in_words(field, theirs), _in_words(field, mine),
            name if is_plain else "", "" if value is None else str(value),
        )  # fmt: skip

    def saved_values(self, row: Any) -> dict[str, Any]:
        """The values that this form would show for the row, by field name."""
        return {}

    def replace_sent(self, name: str, value: str) -> None:
        """Show `value` in a field of a form that was sent, whatever was sent in it."""
        sent = cast(QueryDict, self.data).copy()
        sent[name] = value
        self.data = sent

    def prepare_again(self) -> None:
        """Called before a form that was sent is shown again; a place to keep what a browser cannot refill."""


def _in_words(field: forms.Field, value: Any) -> str:
    """A value as a person reads it: the label of a choice, “–” for nothing."""
    choices = dict(cast(Any, field).choices) if type(field) is forms.ChoiceField else {}
    return str(choices.get(value, value) or "–")


@dataclass(frozen=True, slots=True)
class DraftPage:
    """One page with a form over part of a draft.

    `save` gets the valid form and returns a sentence for the person; it raises StaleDraft or ValidationError.
    `revision` tells the current number, `extra` what an autosave answers besides.
    """

    template: str
    save: Callable[[Any], str]
    revision: Callable[[], int]
    done_url: str
    context: Mapping[str, Any] = field(default_factory=dict)
    extra: Callable[[], Mapping[str, Any]] = dict

    def answer(self, request: HttpRequest, form: DraftForm) -> HttpResponse:
        """The form, or what became of it: 303, 422 with everything that was typed, 409 with both versions."""
        if request.method != "POST":
            return self._show(request, form, 200)
        if not form.is_valid():
            return self._refuse(request, form)
        try:
            text = self.save(form)
        except ValidationError as problem:
            form.add_error(None, problem)
            return self._refuse(request, form)
        except StaleDraft as stale:
            return self._conflict(request, form, stale)
        if wants_json(request):
            return self._saved_json()
        return see_other(request, self.done_url, text)

    def _show(self, request: HttpRequest, form: DraftForm, status: int, **more: Any) -> HttpResponse:
        if form.is_bound:
            form.prepare_again()
        return render(request, self.template, {"form": form, **self.context, **more}, status=status)

    def _refuse(self, request: HttpRequest, form: DraftForm) -> HttpResponse:
        if wants_json(request):
            return JsonResponse({"errors": form.errors, "message": _first_error(form)}, status=422)
        return self._show(request, form, 422)

    def _saved_json(self) -> HttpResponse:
        revision = self.revision()
        body = {"saved_at": timezone.now().isoformat(), "revision": revision}
        return JsonResponse({**body, **self.extra()})

    def _conflict(self, request: HttpRequest, form: DraftForm, stale: StaleDraft) -> HttpResponse:
        """Both versions, and a form that would now overwrite the other one if the person decides so."""
        revision = self.revision()
        if wants_json(request):
            body = {"revision": revision, "current_url": self.done_url}
            return JsonResponse({**body, "message": "There is a newer version."}, status=409)
        form.replace_sent("revision", str(revision))
        return self._show(request, form, 409, differences=form.differences(stale.row))


def _first_error(form: forms.Form) -> str:
    if not form.errors:  # nothing at all was sent, so nothing was looked at
        return "Not saved yet. Load the page again."
    field_name, errors = next(iter(form.errors.items()))
    label = form.fields[field_name].label if field_name in form.fields else ""
    return f"Not saved yet. {label}: {errors[0]}" if label else f"Not saved yet. {errors[0]}"
