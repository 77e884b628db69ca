"""The demo's App that is made of code: a function and a web plugin, each with two versions and a run on its way."""

from pathlib import Path

from django.conf import settings

from accounts.models import User
from apps_catalog import lifecycle
from apps_catalog.addresses import echo_url
from apps_catalog.code_lifecycle import latest_of, save_version
from apps_catalog.models import App, Component
from apps_catalog.states import Collects, ComponentKind, PluginShape, Processes
from partners.models import Company
from runtime import functions, plugins
from runtime.webhooks import API_KEY
from testbench.lifecycle import start_suite

ROOT = Path(__file__).resolve().parent
CODE = {ComponentKind.SUBSCRIPTION_FUNCTION: "function.js", ComponentKind.WEB_PLUGIN: "plugin.js"}
SHAPES = {ComponentKind.SUBSCRIPTION_FUNCTION: "", ComponentKind.WEB_PLUGIN: PluginShape.OBJECT.value}


def code_app(company: Company, owner: User, name: str) -> App:
    """The App with both components and their versions: what it began with, and what came of it."""
    found = App.objects.filter(company=company, name=name).first()
    app = found or lifecycle.create_app(owner, company, name)
    if not app.collects:
        lifecycle.choose_kinds(owner, app, Collects.SUBSCRIPTION, Processes.FUNCTION, app.revision)
    for kind in CODE:
        _write(owner, lifecycle.add_component(owner, app, kind))
    return app


def start_runs(app: App, owner: User, api_key: str) -> None:
    """Ask for a run of what was never run and can run on this machine; a worker does it."""
    for component in app.components.filter(kind__in=CODE):
        component.app = app
        if can_run(component.kind) and not component.runs.exists():
            start_suite(owner, component, {API_KEY: api_key})


def can_run(kind: str) -> bool:
    """Whether this machine has what runs partners' code of that kind."""
    if kind == ComponentKind.SUBSCRIPTION_FUNCTION:
        found = functions.detect()
        return found.is_full or bool(settings.FUNCTIONS_UNCONFINED and found.deno)
    try:
        return bool(plugins.find(settings.CHROMIUM_PATH))
    except plugins.BrowserMissing:
        return False


def _write(owner: User, component: Component) -> None:
    """The first version is deployed, the second waits: LATEST and DEPLOYED apart (D21)."""
    if latest_of(component):
        return
    kind = ComponentKind(component.kind)
    code = (ROOT / CODE[kind]).read_text(encoding="utf-8").replace("__ENDPOINT__", echo_url(component.app.echo.token))
    shape = {"shape": SHAPES[kind], "library_name": ""}
    first = {"code": component.code, **shape}
    save_version(owner, component, first, component.revision, note="What it began with", deploy=True)
    component.refresh_from_db()
    save_version(owner, component, {"code": code, **shape}, component.revision, note="Written for Acme’s own API")
