"""/apps/new/: a name, and the App is there."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from apps_catalog import lifecycle
from apps_catalog.console import acting, see_other
from apps_catalog.forms import NewAppForm
from apps_catalog.models import App
from apps_catalog.naming import read_name
from partners.models import Company
from partners.states import Role
from runtime.names import slugify_name

# Within this time the same name by the same person is the same click, not a second App.
SAME_CLICK = timedelta(minutes=2)


def creatable_companies(user: Any) -> list[Company]:
    """The companies in which `user` may create an App, in one query."""
    roles = [Role.OWNER, Role.DEVELOPER]
    mine = Company.objects.filter(memberships__user=user, memberships__role__in=roles)
    return [company for company in mine if company.is_active]


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def app_new(request: HttpRequest) -> HttpResponse:
    """Create an App. A person without a company to create it in is told why."""
    companies = creatable_companies(request.user)
    if not companies:
        return render(request, "apps_catalog/console/new_denied.html", status=403)
    form = NewAppForm(request.POST or None, companies=companies)
    form.fields["name"].widget.attrs |= {
        "data-slug-url": reverse("app-slug-preview"),
        "data-slug-target": "slug-preview",
    }
    if request.method == "POST" and form.is_valid():
        response = _create(request, form)
        if response:
            return response
    context = {"form": form, "companies": companies, "existing": App.objects.filter(
        company__in=companies, deleted_at__isnull=True).select_related("company")[:5]}  # fmt: skip
    return render(request, "apps_catalog/console/new.html", context, status=422 if form.is_bound else 200)


def _create(request: HttpRequest, form: NewAppForm) -> HttpResponse | None:
    """The redirect to the new App; None when the name was refused, and the form then says why."""
    company, name = form.cleaned_data["company"], form.cleaned_data["name"]
    try:
        app = lifecycle.create_app(acting(request), company, name)
    except ValidationError as problem:
        made = _just_created(request.user, company, name)
        if made is None:
            form.add_error("name", problem)
            return None
        messages.info(request, f"{made.name} exists already: you have just created it.")
        return see_other(request, reverse("app-components", args=[made.slug]))
    text = f"{app.name} is there. Choose how it collects and processes data."
    return see_other(request, reverse("app-components", args=[app.slug]), text)


def _just_created(user: Any, company: Company, name: str) -> App | None:
    """The App that the first of two clicks made."""
    since = timezone.now() - SAME_CLICK
    mine = App.objects.filter(company=company, created_by=user, created_at__gte=since, deleted_at__isnull=True)
    return mine.filter(slug=slugify_name(name)).first()


@require_safe
@login_required
def app_slug_preview(request: HttpRequest) -> HttpResponse:
    """JSON for the name field as it is typed: {"slug", "available", "message"}."""
    if not creatable_companies(request.user):
        raise PermissionDenied
    name = request.GET.get("name", "")[:200]
    if not name.strip():
        return JsonResponse({"slug": "", "message": ""})
    try:
        found = read_name(name)
    except ValidationError as problem:
        return JsonResponse({"slug": slugify_name(name), "available": False, "message": problem.messages[0]})
    return JsonResponse({"slug": found.slug, "available": True, "message": f"Its address will be: {found.slug}"})
