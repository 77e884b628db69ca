"""/apps/<slug>/settings/: what customers fill in: the list, one setting, its order, removing and bringing back."""

from contextlib import suppress

from django.conf import settings as django_settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.undo import say_with_undo
from apps_catalog import lifecycle
from apps_catalog.console import DraftPage, acting, app_page, see_other, wants_json
from apps_catalog.customer_form import CustomerForm
from apps_catalog.drafting import StaleDraft
from apps_catalog.going_live import saved
from apps_catalog.models import App, Setting
from apps_catalog.rules import can_edit_app
from apps_catalog.setting_conditions import in_words
from apps_catalog.setting_drafts import EDITABLE, MAX_SETTINGS, removed_settings
from apps_catalog.setting_forms import MAX_SAMPLE, SettingForm
from apps_catalog.setting_keys import API_KEY
from apps_catalog.setting_patterns import try_pattern
from apps_catalog.states import ComponentKind

CHANGED = "The settings were changed in the meantime. This is the list as it stands now; try again."
TEMPLATE = "apps_catalog/console/setting.html"


@require_safe
@app_page()
def app_settings(request: HttpRequest, app: App) -> HttpResponse:
    """The list in the customer's order, and a preview of the customer's form."""
    settings = list(app.settings.all())
    may_edit = can_edit_app(request.user, app)
    context = {
        "rows": [_row(setting, settings) for setting in settings],
        "preview": CustomerForm(settings=settings),
        "removed": removed_settings(app) if may_edit else [],
        "grace_days": django_settings.DELETION_GRACE_DAYS,
        "may_edit": may_edit,
        "limit": MAX_SETTINGS,
        "api_key": API_KEY,
    }
    return render(request, "apps_catalog/console/settings.html", context)


def _row(setting: Setting, settings: list[Setting]) -> dict[str, object]:
    kinds = [ComponentKind(kind).label for kind in setting.components if kind in ComponentKind.values]
    return {"setting": setting, "condition": in_words(setting, settings), "kinds": ", ".join(kinds)}


# --- One setting -----------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@app_page(can_edit_app, read_rule=can_edit_app)
def app_setting_new(request: HttpRequest, app: App) -> HttpResponse:
    return _setting_page(request, app, None)


@require_http_methods(["GET", "HEAD", "POST"])
@app_page(can_edit_app, read_rule=can_edit_app)
def app_setting_edit(request: HttpRequest, app: App, key: str) -> HttpResponse:
    """One setting. If it was removed in the meantime, what was typed is shown with a way to bring it back."""
    setting = app.settings.filter(key=key).first()
    if setting is None:
        return _removed_meanwhile(request, app, key)
    setting.app = app
    return _setting_page(request, app, setting)


def _setting_page(
    request: HttpRequest, app: App, setting: Setting | None, data: QueryDict | None = None
) -> HttpResponse:
    """`data` is what was sent, where it is not just what the request holds."""
    if "try_pattern" in request.POST:
        return _tried(request, app, setting)
    form = SettingForm(data or request.POST or None, app=app, setting=setting)
    page = DraftPage(
        template=TEMPLATE,
        save=lambda valid: _save(request, app, setting, valid),
        revision=lambda: App.objects.get(pk=app.pk).revision,
        done_url=reverse("app-settings", args=[app.slug]),
        context={"setting": setting},
    )
    return page.answer(request, form)


def _save(request: HttpRequest, app: App, setting: Setting | None, form: SettingForm) -> str:
    values, revision = form.values(), form.cleaned_data["revision"]
    if setting is not None:
        lifecycle.edit_setting(acting(request), setting, values, revision)
        text = f"{values['label']} is saved."
        return text if wants_json(request) else saved(acting(request), app, "settings", text)
    if _is_second_click(app, values["label"], revision):
        return f"{values['label']} is added."
    added = lifecycle.add_setting(acting(request), app, values, revision)
    return f"{added.label} is added. Its key is {added.key}."


def _is_second_click(app: App, label: str, revision: int) -> bool:
    """Whether the form was sent before: the list is one step further and ends with this very setting."""
    last = app.settings.order_by("position").last()
    return App.objects.get(pk=app.pk).revision == revision + 1 and last is not None and last.label == label


def _removed_meanwhile(request: HttpRequest, app: App, key: str) -> HttpResponse:
    removed = removed_settings(app).filter(key=key).first()
    if removed is None:
        raise Http404
    if request.method != "POST":
        messages.warning(request, f"{removed.label} was removed. Bring it back to edit it.")
        return see_other(request, f"{reverse('app-settings', args=[app.slug])}#removed")
    if "bring_back" in request.POST:
        return _bring_back_and_save(request, app, key)
    gone = Setting(app=app, key=key, **{name: removed.values[name] for name in EDITABLE})
    form = SettingForm(request.POST, app=app, setting=gone)
    return render(request, TEMPLATE, {"form": form, "setting": gone, "is_removed": True}, status=409)


def _bring_back_and_save(request: HttpRequest, app: App, key: str) -> HttpResponse:
    lifecycle.restore_setting(acting(request), app, key)
    setting = app.settings.get(key=key)
    app.refresh_from_db()
    setting.app = app
    data = request.POST.copy()
    data["revision"] = str(app.revision)
    return _setting_page(request, app, setting, data)


# --- Trying a pattern ------------------------------------------------------------------------------------


def _tried(request: HttpRequest, app: App, setting: Setting | None) -> HttpResponse:
    """The same page with everything as it was typed, and what the pattern says. Nothing is saved."""
    form = SettingForm(app=app, setting=setting)
    form.show_again(request.POST)
    return render(request, TEMPLATE, {"form": form, "setting": setting, "tried": _try(request)})


@require_POST
@app_page(can_edit_app)
def app_setting_pattern(request: HttpRequest, app: App) -> HttpResponse:
    """The answer of the tester alone, for the script that asks while one types."""
    return render(request, "apps_catalog/console/_pattern_result.html", {"tried": _try(request)})


def _try(request: HttpRequest) -> dict[str, object]:
    pattern, sample = request.POST.get("pattern", "").strip(), request.POST.get("sample", "")
    if len(pattern) > 300 or len(sample) > MAX_SAMPLE:
        return {"matches": None, "text": f"Use at most 300 characters for the pattern, {MAX_SAMPLE:,} for the text."}
    matches, text = try_pattern(pattern, sample)
    return {"matches": matches, "text": text}


# --- Order, removing, bringing back ----------------------------------------------------------------------


@require_POST
@app_page(can_edit_app)
def app_setting_remove(request: HttpRequest, app: App, key: str) -> HttpResponse:
    """Remove a setting, with a way back; removing what is gone is fine."""
    url = reverse("app-settings", args=[app.slug])
    try:
        is_removed = lifecycle.remove_setting(acting(request), app, key, _number(request, "revision"))
    except StaleDraft:
        messages.warning(request, CHANGED)
        return see_other(request, url)
    except ValidationError as problem:
        messages.error(request, problem.messages[0])
        return see_other(request, url)
    if is_removed:
        label = removed_settings(app).get(key=key).label
        say_with_undo(request, f"{label} is removed.", reverse("app-setting-restore", args=[app.slug, key]))
    return see_other(request, url, "" if is_removed else "The setting is removed.")


@require_POST
@app_page(can_edit_app)
def app_setting_restore(request: HttpRequest, app: App, key: str) -> HttpResponse:
    """Bring a removed setting back to its place; twice is once."""
    url = reverse("app-settings", args=[app.slug])
    try:
        is_back = lifecycle.restore_setting(acting(request), app, key)
    except ValidationError as problem:
        messages.error(request, problem.messages[0])
        return see_other(request, url)
    if not is_back and not app.settings.filter(key=key).exists():
        messages.warning(request, "This setting is gone for good. Add it again.")
        return see_other(request, url)
    return see_other(request, f"{url}#setting-{key}", "The setting is back in its place.")


@require_POST
@app_page(can_edit_app)
def app_setting_move(request: HttpRequest, app: App, key: str) -> HttpResponse:
    """Move a setting `up` or `down` by one place (`direction`), or to a `place` counted from 0."""
    actor, revision = acting(request), _number(request, "revision")
    # A second click is out of date too; the first one moved the setting, so there is nothing to say.
    with suppress(StaleDraft):
        if "place" in request.POST:
            lifecycle.place_setting(actor, app, key, _number(request, "place"), revision)
        else:
            step = -1 if request.POST.get("direction") == "up" else 1
            lifecycle.move_setting(actor, app, key, step, revision)
    url = f"{reverse('app-settings', args=[app.slug])}#setting-{key}"
    return see_other(request, url, saved(actor, app, "settings"))


def _number(request: HttpRequest, name: str) -> int:
    """A number of the form; -1 for anything else."""
    text = request.POST.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else -1
