"""Regulations of a workspace (D34): people to erase or to suppress, and what became of each request."""

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from apps_catalog.console import see_other
from delivery import regulations
from delivery.forms import RegulationForm
from delivery.models import Regulation
from delivery.views.finding import person
from workspaces.models import Workspace
from workspaces.page import place_of, workspace_page
from workspaces.rules import can_write

PAGE_SIZE = 25


@workspace_page(can_write)
@require_http_methods(["GET", "HEAD", "POST"])
def workspace_regulations(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """The form that asks, and the requests so far."""
    form = RegulationForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            regulations.ask(person(request), workspace, form.cleaned_data["kind"], form.people())
            page = reverse("workspace-regulations", args=[workspace.slug])
            return see_other(request, page, "The request is taken. It is worked on in a moment.")
        except ValidationError as error:
            form.add_error(None, error)
    rows = Regulation.objects.filter(workspace=workspace).select_related("requested_by").defer("user_ids")
    context = {
        "form": form,
        "page_obj": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
        "may_write": place_of(request).may_write,
    }
    return render(request, "delivery/regulations.html", context, status=422 if form.is_bound else 200)
