"""Answering an invitation, by its link or from the list of one's own."""

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.offers import token_hash
from accounts.visitor import person
from partners import lifecycle, rules
from partners.membership import is_for
from partners.models import Invitation
from partners.queries import invitations_for
from partners.views.answers import see_other


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the link. Visitors log in or sign up first and come back; only the invited may join."""
    found = Invitation.objects.select_related("company", "invited_by").filter(token_hash=token_hash(token))
    invitation = get_object_or_404(found)
    if request.method != "POST":
        return _show(request, invitation)
    if not request.user.is_authenticated:
        return see_login(request)
    return _join(request, invitation)


@login_required
@require_POST
def join(request: HttpRequest, pk: int) -> HttpResponse:
    """The same without the link, for an invitation to one's own address."""
    return _join(request, get_object_or_404(invitations_for(person(request)), pk=pk))


def see_login(request: HttpRequest) -> HttpResponse:
    response = see_other("account_login")
    response["Location"] += f"?{urlencode({'next': request.path})}"
    return response


def _join(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    user = person(request)
    try:
        lifecycle.accept_invitation(invitation, user)
    except PermissionDenied:
        return _show(request, invitation, status=403)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return see_other("company-detail")
    messages.success(request, f"Welcome to {invitation.company.name}.")
    return see_other("company-page", invitation.company.slug)


def _show(request: HttpRequest, invitation: Invitation, *, status: int = 200) -> HttpResponse:
    """Also says why an old link does not work (410) and why another address cannot use it."""
    user = request.user
    is_member = user.is_authenticated and rules.role_of(user, invitation.company) is not None
    context = {
        "invitation": invitation,
        "company": invitation.company,
        "is_invited": user.is_authenticated and is_for(invitation, user),
        "is_member": is_member,
        "next": request.path,
        "login_url": f"{reverse('account_login')}?{urlencode({'next': request.path})}",
        "signup_url": f"{reverse('account_signup')}?{urlencode({'next': request.path})}",
    }
    if not invitation.is_open and status == 200:
        status = 410
    return render(request, "partners/invitation.html", context, status=status)
