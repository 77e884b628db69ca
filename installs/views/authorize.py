"""/oauth2/auth: the consent of a workspace owner, and the way back to the client with a code or an error (D41).

The request is its query; it is looked at before anybody logs in, and the forms of the page are sent to the same
address, so that nothing of it waits on the server.
"""

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.visitor import person
from installs import authorization, consent
from installs.authorization import Refused, Unsafe
from installs.consent import Place
from installs.lifecycle import AlreadyInstalled
from installs.views.consent_page import NO_TRIAL, Page, unsafe_page
from installs.views.new_place import make_source, make_workspace
from workspaces.installing import is_open_to
from workspaces.models import Workspace

NOT_OPEN = "The App cannot be enabled by this account."
NO_PLACE = "The App has access to every workspace of this person already: install already exists"
# What the smaller forms of the page do.
_MAKERS = {"source": make_source, "workspace": make_workspace}
CHOOSE = "Choose where {name} may work."
MEANWHILE = "{name} got access to {workspace} in the meantime."


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def authorize(request: HttpRequest) -> HttpResponse:
    """The consent page; sent, on to the client (303), or the page again with what stands against it (422)."""
    try:
        asked = authorization.read(request)
    except Unsafe as trouble:
        return unsafe_page(request, trouble)
    except Refused as trouble:
        # An App that nobody has looked at leads nobody away who is not logged in (T28).
        if not (trouble.is_reviewed or request.user.is_authenticated):
            return redirect_to_login(request.get_full_path())
        return _on_to(trouble.location)
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    page = Page(request, asked)
    if page.is_trial_of_somebody_else:
        return unsafe_page(request, Unsafe("invalid_request", NO_TRIAL))
    if request.POST.get("decision") == "deny":
        return _deny(page)
    if not is_open_to(person(request), asked.client.app):
        return page.not_open()
    return _act(page) if request.method == "POST" else page.show()


def _act(page: Page) -> HttpResponse:
    if page.is_of_somebody_else:
        return page.show("Somebody else logged in after this page was opened. Look at it again before you answer.")
    sent = page.request.POST
    make = None if "decision" in sent else _MAKERS.get(sent.get("act", ""))
    return make(page) if make else _allow(page)


def _deny(page: Page) -> HttpResponse:
    hint = ""
    if not is_open_to(page.user, page.asked.client.app):
        hint = NOT_OPEN
    elif page.places.are_all_taken:
        hint = NO_PLACE
    return _on_to(authorization.denied(page.request, page.asked, hint))


def _allow(page: Page) -> HttpResponse:
    choose = CHOOSE.format(name=page.ask.name)
    if page.request.POST.get("decision") != "allow":
        return page.show("Choose Allow or Deny.")
    wished = page.request.POST.get("place", "")
    place = page.places.find(wished)
    if place is None:
        taken = page.places.taken(wished)
        return page.show(_meanwhile(page, taken) if taken else choose)
    try:
        return _on_to(_code(page, place))
    except Refused as trouble:
        return _on_to(trouble.location)
    except AlreadyInstalled:
        return page.again(_meanwhile(page, place.workspace))
    except (PermissionDenied, ValidationError) as error:
        if isinstance(error, ValidationError) and error.code == "scope":
            return page.again(error.messages[0])
        return page.again(f"{place.name} cannot be chosen any more. {choose}")


def _meanwhile(page: Page, workspace: Workspace) -> str:
    """For the second of two tabs."""
    return MEANWHILE.format(name=page.ask.name, workspace=workspace.name)


@transaction.atomic
def _code(page: Page, place: Place) -> str:
    """Consent and code are one: no consent stays when there is no code for it."""
    asked = page.asked
    install = consent.give(page.user, asked.client, place.workspace, place.source, is_trial=page.is_trial)
    return authorization.code_for(page.request, asked, install)


def _on_to(location: str) -> HttpResponse:
    """To the client. 303, so that a form is never sent on (RFC 9700); no address of ours goes along."""
    response = HttpResponseRedirect(location, status=303)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
