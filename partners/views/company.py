"""A company's pages: its people, its invitations, and how it is exported, archived, handed over, deleted."""

import json
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.offers import DAILY_INVITATIONS, INVITATION_DAYS, OPEN_INVITATIONS
from accounts.undo import say_with_undo
from accounts.visitor import person
from partners import agreements, lifecycle, rules
from partners.forms import AgreementsForm, DeleteCompanyForm, HandOverForm, InviteForm, RoleForm
from partners.membership import (
    removed_lately,
    revoked_lately,
)
from partners.models import Company, Invitation, Membership, RemovedMember
from partners.queries import invitations_for, latest_request
from partners.states import Role
from partners.views.answers import attempt, see_other

INVITATIONS_SHOWN = OPEN_INVITATIONS + DAILY_INVITATIONS


@login_required
@never_cache
@require_safe
def detail(request: HttpRequest) -> HttpResponse:
    """To one's only company; a list of several, of open invitations, or the way to get one."""
    user = person(request)
    memberships = list(user.memberships.select_related("company").order_by("company__name"))
    invitations = list(invitations_for(user))
    if len(memberships) == 1 and not invitations:
        return redirect("company-page", memberships[0].company.slug)
    context = {
        "memberships": memberships,
        "invitations": invitations,
        "access_request": latest_request(user),
    }
    return render(request, "partners/company_list.html", context)


@login_required
@never_cache
@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    return show(request, _company(request, slug))


@login_required
@require_POST
def invite(request: HttpRequest, slug: str) -> HttpResponse:
    company = _company(request, slug)
    if not rules.can_invite(person(request), company):
        raise PermissionDenied
    form = InviteForm(request.POST)
    if form.is_valid():
        email, role = form.cleaned_data["email"], form.cleaned_data["role"]
        try:
            lifecycle.invite(company, person(request), email, role)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, f"The invitation to {email} is on its way.")
            return see_other("company-page", slug)
    return show(request, company, invite_form=form, status=422)


@login_required
@require_POST
def resend(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    invitation = _invitation(request, slug, pk)
    verb = partial(lifecycle.resend_invitation, invitation, person(request))
    attempt(request, verb, f"A new link is on its way to {invitation.email}; the old one no longer works.")
    return see_other("company-page", slug)


@login_required
@require_POST
def revoke(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    invitation = _invitation(request, slug, pk)
    if lifecycle.revoke_invitation(invitation, person(request)):
        undo = reverse("invitation-restore", args=[slug, pk])
        say_with_undo(request, f"The invitation to {invitation.email} is revoked.", undo)
    else:
        messages.info(request, "The invitation was no longer open.")
    return see_other("company-page", slug)


@login_required
@require_POST
def restore_invitation(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Undo `revoke`, within a day."""
    invitation = _invitation(request, slug, pk)
    verb = partial(lifecycle.restore_invitation, invitation, person(request))
    attempt(request, verb, f"The invitation to {invitation.email} holds again.")
    return see_other("company-page", slug)


@login_required
@require_POST
def change_role(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    member = _member(request, slug, pk)
    if not rules.can_manage(person(request), member.company):
        raise PermissionDenied
    form = RoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose one of the three roles.")
        return see_other("company-page", slug)
    role = Role(form.cleaned_data["role"])
    verb = partial(lifecycle.change_role, member, person(request), role)
    attempt(request, verb, f"{member.user.display_name} is now {role.label} of {member.company.name}.")
    return see_other("company-page", slug)


@login_required
@require_POST
def remove(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    member = _member(request, slug, pk)
    text = f"{member.user.display_name} is no longer a member."
    try:
        removed = lifecycle.remove_member(member, person(request))
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return see_other("company-page", slug)
    if removed:
        say_with_undo(request, text, reverse("member-restore", args=[slug, removed.pk]))
    else:
        messages.success(request, text)
    went = member.user_id == person(request).pk and not rules.role_of(person(request), member.company)
    return see_other("company-detail") if went else see_other("company-page", slug)


@login_required
@require_POST
def restore_member(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Undo `remove`, within a day."""
    found = RemovedMember.objects.select_related("company", "user")
    removed = get_object_or_404(found, pk=pk, company=_company(request, slug))
    verb = partial(lifecycle.restore_member, removed, person(request))
    name = removed.user.display_name
    attempt(request, verb, f"{name} is a member again.", f"{name} was a member already.")
    return see_other("company-page", slug)


@login_required
@require_POST
def leave(request: HttpRequest, slug: str) -> HttpResponse:
    company = _company(request, slug)
    left = attempt(request, partial(lifecycle.leave, company, person(request)), f"You have left {company.name}.")
    return see_other("company-detail") if left else see_other("company-page", slug)


@login_required
@require_POST
def hand_over(request: HttpRequest, slug: str) -> HttpResponse:
    company = _managed(request, slug)
    form = HandOverForm(request.POST, company=company, giver=person(request))
    if not form.is_valid():
        return show(request, company, hand_over_form=form, status=422)
    to = form.cleaned_data["member"]
    verb = partial(lifecycle.hand_over, company, person(request), to)
    attempt(request, verb, f"{to.user.display_name} owns {company.name} now; you are a developer.")
    return see_other("company-page", slug)


@login_required
@require_POST
def export(request: HttpRequest, slug: str) -> HttpResponse:
    """Everything the company owns, as a JSON file."""
    company = _company(request, slug)
    data = lifecycle.export_company(company, person(request))
    body = json.dumps(data, cls=DjangoJSONEncoder, indent=2, ensure_ascii=False)
    response = HttpResponse(body, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{company.slug}.json"'
    response["Cache-Control"] = "private, no-store"
    return response


@login_required
@require_POST
def archive(request: HttpRequest, slug: str) -> HttpResponse:
    company = _company(request, slug)
    verb = partial(lifecycle.archive, company, person(request))
    attempt(
        request, verb, f"{company.name} is archived and read-only until you restore it.", "It was archived already."
    )
    return see_other("company-page", slug)


@login_required
@require_POST
def restore(request: HttpRequest, slug: str) -> HttpResponse:
    company = _company(request, slug)
    verb = partial(lifecycle.restore, company, person(request))
    attempt(request, verb, f"{company.name} is active again.", "It was active already.")
    return see_other("company-page", slug)


@login_required
@require_POST
def delete(request: HttpRequest, slug: str) -> HttpResponse:
    company = _managed(request, slug)
    form = DeleteCompanyForm(request.POST, company=company)
    if not form.is_valid():
        return show(request, company, delete_form=form, status=422)
    verb = partial(lifecycle.request_deletion, company, person(request))
    attempt(request, verb, f"{company.name} will be deleted after the grace period.", "It is on its way already.")
    return see_other("company-page", slug)


@login_required
@require_POST
def keep(request: HttpRequest, slug: str) -> HttpResponse:
    company = _company(request, slug)
    verb = partial(lifecycle.keep, company, person(request))
    attempt(request, verb, f"{company.name} stays.", "It was not going to be deleted.")
    return see_other("company-page", slug)


# --- Loading and showing --------------------------------------------------------------------------------


def _company(request: HttpRequest, slug: str) -> Company:
    return get_object_or_404(Company.objects.visible_to(person(request)), slug=slug)


def _managed(request: HttpRequest, slug: str) -> Company:
    company = _company(request, slug)
    if not rules.can_manage(person(request), company):
        raise PermissionDenied
    return company


def _invitation(request: HttpRequest, slug: str, pk: int) -> Invitation:
    """The verb checks the permission; a row of another company does not exist here."""
    return get_object_or_404(Invitation.objects.select_related("company"), pk=pk, company=_company(request, slug))


def _member(request: HttpRequest, slug: str, pk: int) -> Membership:
    found = Membership.objects.select_related("company", "user")
    return get_object_or_404(found, pk=pk, company=_company(request, slug))


def show(
    request: HttpRequest,
    company: Company,
    *,
    status: int = 200,
    invite_form: InviteForm | None = None,
    hand_over_form: HandOverForm | None = None,
    delete_form: DeleteCompanyForm | None = None,
    agreements_form: AgreementsForm | None = None,
) -> HttpResponse:
    """The company's page, with one of its forms as it was sent."""
    found = agreements.of_company(company)
    members = list(company.memberships.select_related("user"))
    own = next((member for member in members if member.user_id == person(request).pk), None)
    is_owner = own is not None and own.role == Role.OWNER
    context: dict[str, Any] = {
        "company": company,
        "members": members,
        "own": own,
        "is_owner": is_owner,
        "can_invite": is_owner and company.is_active,
        "is_last_owner": is_owner and sum(member.role == Role.OWNER for member in members) == 1,
        "roles": Role.choices,
        "invitation_days": INVITATION_DAYS,
        "invitations": _open_invitations(company) if is_owner else [],
        "revoked": revoked_lately(company) if is_owner and company.is_active else [],
        "removed_members": removed_lately(company) if is_owner and company.is_active else [],
        "invite_form": invite_form or InviteForm(),
        "hand_over_form": hand_over_form or HandOverForm(company=company, giver=person(request)),
        "delete_form": delete_form or DeleteCompanyForm(company=company),
        "agreements": found,
        "agreements_form": agreements_form or AgreementsForm(agreements=found.asked if found else []),
        "form": invite_form or hand_over_form or delete_form or agreements_form,
    }
    return render(request, "partners/company.html", context, status=status)


def _open_invitations(company: Company) -> list[dict[str, Any]]:
    """Not yet answered, expired ones included: they can be sent again."""
    waiting = company.invitations.filter(accepted_at=None, revoked_at=None).select_related("invited_by")
    now = timezone.now()
    return [
        {"invitation": invitation, "is_expired": invitation.expires_at <= now}
        for invitation in waiting[:INVITATIONS_SHOWN]
    ]
