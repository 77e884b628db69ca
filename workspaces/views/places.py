"""/w/: one's workspaces, a new one, and the front page of one."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, F, Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.visitor import person
from workspaces import lifecycle
from workspaces.forms import RenameForm, WorkspaceForm
from workspaces.membership import invitations_for
from workspaces.models import Destination, Workspace
from workspaces.page import workspace_page
from workspaces.rules import can_own
from workspaces.views.answers import see_workspace

PAGE_SIZE = 25
INVITATIONS_SHOWN = 25


@never_cache
@login_required
@require_safe
def workspace_list(request: HttpRequest) -> HttpResponse:
    """All of one's workspaces. Whoever has none gets their own sandbox first (S17)."""
    user = person(request)
    if not Workspace.objects.filter(Q(memberships__user=user) | Q(personal_of=user)).exists():
        lifecycle.personal(user)
    rows = (
        Workspace.objects.visible_to(user)
        .order_by("name", "pk")
        .annotate(
            role=F("memberships__role"),
            sources_number=Count("sources", filter=Q(sources__removed_at__isnull=True)),
        )
    )
    context = {
        "page_obj": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
        "invitations": list(invitations_for(user)[:INVITATIONS_SHOWN]),
    }
    return render(request, "workspaces/list.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    form = WorkspaceForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            made = lifecycle.create(person(request), **form.cleaned_data, once=True)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return see_workspace(request, made, f"The workspace {made.name} is ready. Add a source to it.")
    return render(request, "workspaces/new.html", {"form": form}, status=422 if form.is_bound else 200)


@require_safe
@workspace_page()
def home(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    return _home(request, workspace)


@require_POST
@workspace_page(can_own)
def rename(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    form = RenameForm(request.POST)
    if not form.is_valid():
        return _home(request, workspace, rename_form=form, status=422)
    lifecycle.rename(person(request), workspace, form.cleaned_data["name"])
    return see_workspace(request, workspace, f"The workspace is called {workspace.name} now.")


def _home(
    request: HttpRequest, workspace: Workspace, *, rename_form: RenameForm | None = None, status: int = 200
) -> HttpResponse:
    """The sources, each with its destinations."""
    destinations = Destination.objects.select_related("app__listing").order_by("app__name")
    sources = workspace.sources.prefetch_related(Prefetch("destinations", queryset=destinations))
    context = {
        "page_obj": Paginator(sources, PAGE_SIZE).get_page(request.GET.get("page")),
        "rename_form": rename_form or RenameForm(initial={"name": workspace.name}),
        "form": rename_form,
    }
    return render(request, "workspaces/home.html", context, status=status)
