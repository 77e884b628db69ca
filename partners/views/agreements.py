"""Accepting a newer version of the agreements, on the company's page."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from accounts.visitor import person
from partners import agreements, rules
from partners.forms import AgreementsForm
from partners.models import Company
from partners.views.answers import see_other
from partners.views.company import show


@login_required
@require_POST
def accept(request: HttpRequest, slug: str) -> HttpResponse:
    company = get_object_or_404(Company.objects.visible_to(person(request)), slug=slug)
    if not (company.is_active and rules.can_manage(person(request), company)):
        raise PermissionDenied
    found = agreements.of_company(company)
    form = AgreementsForm(request.POST, agreements=found.asked if found else [])
    if form.is_valid():
        try:
            new = agreements.accept(company, person(request), form.agreed)
        except ValidationError as error:  # a newer version came into force meanwhile
            form.add_error(None, error)
        else:
            messages.success(request, "The agreements are accepted." if new else "They were accepted already.")
            return see_other("company-page", slug)
    return show(request, company, agreements_form=form, status=422)
