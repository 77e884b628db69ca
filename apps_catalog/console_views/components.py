"""/apps/<slug>/components/: the two choices, the components, and the webhook."""

from typing import Any

from django.conf import settings as django_settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.undo import say_with_undo
from apps_catalog import lifecycle
from apps_catalog.addresses import echo_url
from apps_catalog.component_forms import WebhookForm
from apps_catalog.console import DraftPage, acting, app_page, see_other
from apps_catalog.contract import answer_rows, header_rows
from apps_catalog.drafting import kind_for, removed_components
from apps_catalog.forms import KindsForm
from apps_catalog.kinds import cards, page_of
from apps_catalog.models import App, Component, Setting
from apps_catalog.rules import can_edit_app
from apps_catalog.states import AVAILABLE_KINDS, ComponentKind

_STARTED = {
    ComponentKind.SUBSCRIPTION_WEBHOOK: "Saved. The webhook starts with a built-in endpoint, so you can send a first "
    "test event right away.",
    ComponentKind.SUBSCRIPTION_FUNCTION: "Saved. The function starts with code for every type of event: make it yours.",
    ComponentKind.WEB_PLUGIN: "Saved. The plugin starts with a working example: make it yours.",
    ComponentKind.ACTIONS_DESTINATION: "Saved. A destination by pull request starts with its plan.",
}


@require_http_methods(["GET", "HEAD", "POST"])
@app_page(can_edit_app)
def app_components(request: HttpRequest, app: App) -> HttpResponse:
    """Choose how to collect and to process; below, a card for each kind of component."""
    initial = {"revision": app.revision, "collects": app.collects, "processes": app.processes}
    form = KindsForm(request.POST or None, initial=initial)
    page = DraftPage(
        template="apps_catalog/console/components.html",
        save=lambda valid: _choose(request, app, valid),
        revision=lambda: App.objects.get(pk=app.pk).revision,
        done_url=_after_choice(app, form),
        context={
            "cards": cards(list(app.components.all())),
            "removed": removed_components(app),
            "grace_days": django_settings.DELETION_GRACE_DAYS,
            "may_edit": can_edit_app(request.user, app),
        },
    )
    return page.answer(request, form)


def _choose(request: HttpRequest, app: App, form: KindsForm) -> str:
    data = form.cleaned_data
    lifecycle.choose_kinds(acting(request), app, data["collects"], data["processes"], data["revision"])
    return _STARTED[kind_for(data["collects"], data["processes"])]


def _after_choice(app: App, form: KindsForm) -> str:
    """The page of the component that was chosen."""
    kind = kind_for(form.data.get("collects", ""), form.data.get("processes", ""))
    return reverse(page_of(kind), args=[app.slug])


@require_POST
@app_page(can_edit_app)
def app_component_add(request: HttpRequest, app: App) -> HttpResponse:
    """Add a component of the kind that is posted; adding it twice is adding it once."""
    kind = request.POST.get("kind", "")
    if kind not in AVAILABLE_KINDS:
        messages.error(request, "There is no such kind of component.")
        return see_other(request, reverse("app-components", args=[app.slug]))
    component = lifecycle.add_component(acting(request), app, kind)
    return see_other(request, reverse(page_of(kind), args=[app.slug]), f"{component} added.")


@require_POST
@app_page(can_edit_app)
def app_component_remove(request: HttpRequest, app: App, kind: str) -> HttpResponse:
    """Take a component out of the draft, with a way back."""
    component = _component(app, kind)
    lifecycle.remove_component(acting(request), component)
    undo = reverse("app-component-restore", args=[app.slug, kind])
    say_with_undo(request, f"{component} removed. All that is in it and its test runs are kept for now.", undo)
    return see_other(request, reverse("app-components", args=[app.slug]))


@require_POST
@app_page(can_edit_app)
def app_component_restore(request: HttpRequest, app: App, kind: str) -> HttpResponse:
    """Undo `app_component_remove`, until the purge."""
    component = _component(app, kind)
    lifecycle.restore_component(acting(request), component)
    return see_other(request, reverse("app-components", args=[app.slug]), f"{component} is back, as it was.")


def _component(app: App, kind: str) -> Component:
    """The component of this kind, removed or not."""
    found = get_object_or_404(Component.every, app=app, kind=kind if kind in ComponentKind.values else None)
    found.app = app
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@app_page(can_edit_app)
def app_component_webhook(request: HttpRequest, app: App) -> HttpResponse:
    """The endpoint, the test values, and the contract beside them. 404 without a webhook."""
    component = app.components.filter(kind=ComponentKind.SUBSCRIPTION_WEBHOOK).first()
    if component is None:
        raise Http404
    component.app = app
    settings = _settings_of(app)
    form = WebhookForm(request.POST or None, component=component, settings=settings)
    page = DraftPage(
        template="apps_catalog/console/webhook.html",
        save=lambda valid: _save_webhook(request, component, valid),
        revision=lambda: Component.objects.get(pk=component.pk).revision,
        done_url=request.path,
        context=_webhook_context(request, app, component, settings),
    )
    return page.answer(request, form)


def _settings_of(app: App) -> list[Setting]:
    """The settings that the webhook gets."""
    kind = ComponentKind.SUBSCRIPTION_WEBHOOK
    return [setting for setting in app.settings.all() if not setting.components or kind in setting.components]


def _save_webhook(request: HttpRequest, component: Component, form: WebhookForm) -> str:
    data = form.cleaned_data
    lifecycle.set_endpoint(
        acting(request), component, data["endpoint"], data["revision"], test_settings=form.test_values()
    )  # fmt: skip
    return "Saved. Send a test event to see what your endpoint answers."


def _webhook_context(request: HttpRequest, app: App, component: Component, settings: list[Setting]) -> dict[str, Any]:
    return {
        "component": component,
        "echo_url": echo_url(app.echo.token),
        "headers": header_rows(settings),
        "answers": answer_rows(),
        "may_edit": can_edit_app(request.user, app),
    }
