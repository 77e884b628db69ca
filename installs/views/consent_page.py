"""What /oauth2/auth shows: the consent, and why there is none."""

from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.models import User
from accounts.visitor import person
from installs import consent
from installs.authorization import Asked, Unsafe
from installs.consent import Places
from installs.consent_forms import NewSourceForm, NewWorkspaceForm
from installs.trial_redirect import callback_uri, waiting_trial
from installs.wording import Ask, ask_of
from workspaces.sources import SOURCES

# More than this are a list that unfolds, with which a keyboard finds a name by its letters.
RADIOS = 12
# What stands against a request, in words for the person who followed a link. The name of the protocol is shown below.
_WRONG_ADDRESS = "It would send you back to an address that the maker of the App has not registered here."
_UNKNOWN_APP = "It names no App that we know. The App may have been taken away."
NO_TRIAL = "This person has no open trial."
_DAMAGED = "A part of it is missing, or there twice."
_REASONS = {
    "Invalid client_id parameter value.": _UNKNOWN_APP,
    "Missing client_id parameter.": _UNKNOWN_APP,
    "Mismatching redirect URI.": _WRONG_ADDRESS,
    "Invalid redirect URI.": _WRONG_ADDRESS,
    "Missing redirect URI.": _WRONG_ADDRESS,
    NO_TRIAL: "It belongs to a trial that is over, or that another person started.",
}


class Page:
    """The consent page for one request: what it says depends on who looks."""

    def __init__(self, request: HttpRequest, asked: Asked) -> None:
        self.request, self.asked = request, asked
        self.user: User = person(request)

    @cached_property
    def ask(self) -> Ask:
        return ask_of(self.asked.client)

    @cached_property
    def is_trial(self) -> bool:
        """Whether the built-in sample client asks, for the person who started it."""
        return waiting_trial(self.asked.client, self.asked.redirect_uri, self.user) is not None

    @property
    def is_trial_of_somebody_else(self) -> bool:
        """Whether a trial asks that is over, or that another person started."""
        return self.asked.redirect_uri == callback_uri() and not self.is_trial

    @cached_property
    def places(self) -> Places:
        return consent.places_for(self.user, self.asked.client, is_trial=self.is_trial)

    @property
    def is_of_somebody_else(self) -> bool:
        """Whether the form was on a page of another account."""
        return self.request.POST.get("person", str(self.user.pk)) != str(self.user.pk)

    def path_with(self, place: str) -> str:
        """This very request, with a place that is chosen from the start."""
        query = self.request.GET.copy()
        query["place"] = place
        return f"{self.request.path}?{query.urlencode()}"

    def again(self, problem: str) -> HttpResponse:
        """Shown with the places as they are now."""
        self.__dict__.pop("places", None)
        return self.show(problem)

    def show(self, problem: str = "", *, form: forms.Form | None = None) -> HttpResponse:
        """The page; 422 with a `problem` or a `form` that is not in order."""
        places = self.places
        context: dict[str, Any] = {
            "ask": self.ask,
            "asked": self.asked,
            "person": self.user,
            "path": self.request.get_full_path(),
            "places": places,
            "chosen": self._chosen(places),
            "as_list": len(places.free) > RADIOS,
            "others": [] if places.groups else consent.workspaces_of_others(self.user),
            "wants_source": consent.wants_source(self.asked.client),
            "problem": problem,
            "form": form,
            "source_form": form if isinstance(form, NewSourceForm) else self.source_form(),
            "workspace_form": form if isinstance(form, NewWorkspaceForm) else self.workspace_form(),
        }
        status = 422 if problem or form else 200
        return self._sealed(render(self.request, "installs/consent.html", context, status=status))

    def _chosen(self, places: Places) -> str:
        """What was chosen, or was made just now, or the only one there is."""
        wished = self.request.POST.get("place") or self.request.GET.get("place", "")
        if places.find(wished):
            return wished
        return places.free[0].value if len(places.free) == 1 else ""

    def source_form(self, data: Any = None) -> NewSourceForm | None:
        """None where no workspace can take one more."""
        if not consent.wants_source(self.asked.client):
            return None
        roomy = [group.workspace for group in self.places.groups if not group.is_taken and len(group.places) < SOURCES]
        return NewSourceForm(data, workspaces=roomy) if roomy else None

    def workspace_form(self, data: Any = None) -> NewWorkspaceForm:
        return NewWorkspaceForm(data, wants_source=consent.wants_source(self.asked.client))

    def not_open(self) -> HttpResponse:
        """403 without a word about the App, which may be a secret (T21)."""
        context = {"person": self.user, "path": self.request.get_full_path(), "asked": self.asked}
        return self._sealed(render(self.request, "installs/consent_not_open.html", context, status=403))

    def _sealed(self, response: HttpResponse) -> HttpResponse:
        """The form may lead to the client's address, from this page alone, and no other site hears of this one.

        Browsers check `form-action` again where the answer to a form leads. The page's own <meta> keeps its forms
        alive, whose Origin “no-referrer” would hide.
        """
        response._csp_update = {"form-action": self.asked.form_targets}  # type: ignore[attr-defined]
        response.headers["Referrer-Policy"] = "no-referrer"
        return response


def unsafe_page(request: HttpRequest, trouble: Unsafe) -> HttpResponse:
    """400: nobody is sent anywhere, and the person reads what to do (SECURITY T16)."""
    context = {
        "reason": _REASONS.get(str(trouble), _DAMAGED),
        "trouble": trouble,
        "address": trouble.address[:500],
        "came_from": _host(request.headers.get("Referer", "")),
    }
    response = render(request, "installs/authorize_unsafe.html", context, status=400)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""
