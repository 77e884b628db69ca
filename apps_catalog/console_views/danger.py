"""/apps/<slug>/danger/: another name, and deleting with a way back."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.undo import say_with_undo
from apps_catalog import lifecycle, rules
from apps_catalog.console import DraftPage, acting, app_page, see_other
from apps_catalog.forms import DeleteForm, DeprecateForm, RenameForm
from apps_catalog.models import App
from apps_catalog.states import Stage

TEMPLATE = "apps_catalog/console/danger.html"


def page_context(request: HttpRequest, app: App) -> dict[str, object]:
    """What the page shows before anything was sent; its forms under `form` and `delete_form`."""
    return {
        "name_fixed": lifecycle.is_name_fixed(app),
        "may_edit": rules.can_edit_app(request.user, app),
        "may_delete": rules.can_delete_app(request.user, app),
        "is_owner": rules.can_restore_app(request.user, app),
        "may_deprecate": rules.can_deprecate(request.user, app),
        "in_review": app.stage == Stage.IN_REVIEW,
        "grace_days": settings.DELETION_GRACE_DAYS,
        "delete_form": DeleteForm(app=app),
        "deprecate_form": DeprecateForm(app=app),
        "form": _rename_form(request, app),
    }


def _rename_form(request: HttpRequest, app: App) -> RenameForm:
    return RenameForm(request.POST or None, initial={"name": app.name, "revision": app.revision})


@require_safe
@app_page()
def app_danger(request: HttpRequest, app: App) -> HttpResponse:
    return render(request, TEMPLATE, page_context(request, app))


@require_http_methods(["POST"])
@app_page(rules.can_edit_app)
def app_rename(request: HttpRequest, app: App) -> HttpResponse:
    """Another name and slug, until the first submission. The page moves with the slug."""
    form = _rename_form(request, app)
    page = DraftPage(
        template=TEMPLATE,
        save=lambda valid: _rename(request, app, valid),
        revision=lambda: App.objects.get(pk=app.pk).revision,
        done_url="",
        context={**page_context(request, app), "form": form},
    )
    response = page.answer(request, form)
    if response.status_code == 303:
        response["Location"] = reverse("app-danger", args=[App.objects.get(pk=app.pk).slug])
    return response


def _rename(request: HttpRequest, app: App, form: RenameForm) -> str:
    data = form.cleaned_data
    renamed = lifecycle.rename(acting(request), app, data["name"], data["revision"])
    return f"The App is called {renamed.name}; its address is {renamed.slug}."


@require_POST
@app_page(rules.can_delete_app)
def app_delete(request: HttpRequest, app: App) -> HttpResponse:
    """Delete the App; the list offers to bring it back."""
    form = DeleteForm(request.POST, app=app)
    if not form.is_valid():
        return render(request, TEMPLATE, {**page_context(request, app), "form": RenameForm(
            initial={"name": app.name, "revision": app.revision}), "delete_form": form}, status=422)  # fmt: skip
    lifecycle.delete_app(acting(request), app)
    text = f"{app.name} is deleted. You can bring it back for {settings.DELETION_GRACE_DAYS} days, below the list."
    say_with_undo(request, text, reverse("app-undelete", args=[app.slug]))
    return see_other(request, reverse("app-list"))


@require_POST
@login_required
def app_undelete(request: HttpRequest, slug: str) -> HttpResponse:
    """Bring a deleted App back; bringing back what is back already is fine."""
    mine = App.objects.recently_deleted(request.user) | App.objects.visible_to(request.user)
    app = get_object_or_404(mine.select_related("company").distinct(), slug=slug)
    if not rules.can_restore_app(request.user, app):
        raise PermissionDenied
    lifecycle.undelete_app(acting(request), app)
    return see_other(request, reverse("app-components", args=[app.slug]), f"{app.name} is back.")
