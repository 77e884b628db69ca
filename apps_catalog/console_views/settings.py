"""/apps/<slug>/settings/: what customers fill in, and how their form looks."""

from contextlib import suppress

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps_catalog import lifecycle
from apps_catalog.console import DraftPage, acting, app_page, see_other
from apps_catalog.customer_form import preview
from apps_catalog.drafting import StaleDraft
from apps_catalog.models import App, Setting
from apps_catalog.rules import can_edit_app
from apps_catalog.setting_drafts import MAX_SETTINGS
from apps_catalog.setting_forms import SettingForm
from apps_catalog.setting_keys import API_KEY

CHANGED = "The settings were changed in the meantime. This is the list as it stands now; try again."


@require_safe
@app_page()
def app_settings(request: HttpRequest, app: App) -> HttpResponse:
    """The list in the customer's order, and a preview of the customer's form."""
    settings = list(app.settings.all())
    context = {
        "settings": settings,
        "preview": preview(settings),
        "may_edit": can_edit_app(request.user, app),
        "limit": MAX_SETTINGS,
        "api_key": API_KEY,
    }
    return render(request, "apps_catalog/console/settings.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@app_page(can_edit_app, read_rule=can_edit_app)
def app_setting_new(request: HttpRequest, app: App) -> HttpResponse:
    form = SettingForm(request.POST or None, app=app)
    return _setting_page(request, app, None).answer(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
@app_page(can_edit_app, read_rule=can_edit_app)
def app_setting_edit(request: HttpRequest, app: App, key: str) -> HttpResponse:
    setting = get_object_or_404(app.settings, key=key)
    setting.app = app
    form = SettingForm(request.POST or None, app=app, setting=setting)
    return _setting_page(request, app, setting).answer(request, form)


def _setting_page(request: HttpRequest, app: App, setting: Setting | None) -> DraftPage:
    return DraftPage(
        template="apps_catalog/console/setting.html",
        save=lambda form: _save(request, app, setting, form),
        revision=lambda: App.objects.get(pk=app.pk).revision,
        done_url=reverse("app-settings", args=[app.slug]),
        context={"setting": setting},
    )


def _save(request: HttpRequest, app: App, setting: Setting | None, form: SettingForm) -> str:
    values, revision = form.values(), form.cleaned_data["revision"]
    if setting is not None:
        lifecycle.edit_setting(acting(request), setting, values, revision)
        return f"{values['label']} is saved."
    if _is_second_click(app, values["label"], revision):
        return f"{values['label']} is added."
    added = lifecycle.add_setting(acting(request), app, values, revision)
    return f"{added.label} is added. Its key is {added.key}."


def _is_second_click(app: App, label: str, revision: int) -> bool:
    """Whether the form was sent before: the list is one step further and ends with this very setting."""
    last = app.settings.order_by("position").last()
    return App.objects.get(pk=app.pk).revision == revision + 1 and last is not None and last.label == label


@require_POST
@app_page(can_edit_app)
def app_setting_remove(request: HttpRequest, app: App, key: str) -> HttpResponse:
    """Remove a setting; removing what is gone is fine."""
    url = reverse("app-settings", args=[app.slug])
    try:
        lifecycle.remove_setting(acting(request), app, key, _revision(request))
    except StaleDraft:
        messages.warning(request, CHANGED)
        return see_other(request, url)
    except ValidationError as problem:
        messages.error(request, problem.messages[0])
        return see_other(request, url)
    return see_other(request, url, "The setting is removed.")


@require_POST
@app_page(can_edit_app)
def app_setting_move(request: HttpRequest, app: App, key: str) -> HttpResponse:
    """Move a setting `up` or `down` by one place."""
    step = -1 if request.POST.get("direction") == "up" else 1
    # A second click is out of date too; the first one moved the setting, so there is nothing to say.
    with suppress(StaleDraft):
        lifecycle.move_setting(acting(request), app, key, step, _revision(request))
    return see_other(request, f"{reverse('app-settings', args=[app.slug])}#setting-{key}")


def _revision(request: HttpRequest) -> int:
    text = request.POST.get("revision", "")
    return int(text) if text.isdecimal() and len(text) < 10 else -1
