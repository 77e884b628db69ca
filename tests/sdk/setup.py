"""A workspace with a source for each SDK, on each of them the same App: run within a site by `manage.py shell`."""

import json
import sys
from collections.abc import Sequence

from accounts.models import User
from apps_catalog.code_lifecycle import save_version
from apps_catalog.lifecycle import add_component, create_app, set_endpoint
from apps_catalog.models import App
from apps_catalog.states import ComponentKind, PluginShape
from partners.models import Company, Membership
from partners.states import Role
from workspaces import lifecycle

API_KEY = "partner-key-0123456789"
LIBRARY = "acmeDestination"
# Leaves on the page which calls it got.
PLUGIN = """
window.partnerCalls = [];
window.acmeDestination = async function () {
  const take = (ctx) => (window.partnerCalls.push(ctx.event.type), ctx);
  return {
    name: "Acme", version: "1.0.0", type: "destination", isLoaded: () => true, load: async () => undefined,
    page: take, identify: take, track: take, group: take, screen: take, alias: take,
  };
};
"""


def make(endpoint: str, libraries: Sequence[str]) -> None:
    """Writes `{library: {"source": id, "write_key": key}}`. In the partner's own workspace the draft runs."""
    owner = User.objects.create(email="owner@sdks.example", name="Owner")
    company = Company.objects.create(name="Sdks", slug="sdks", website="https://sdks.example")
    Membership.objects.create(company=company, user=owner, role=Role.OWNER)
    app = _app(owner, company, endpoint)
    workspace = lifecycle.personal(owner)
    sources = {library: lifecycle.add_source(owner, workspace, f"With {library}", library) for library in libraries}
    for source in sources.values():
        lifecycle.install(owner, source, app, {"apiKey": API_KEY}, enable=True)
    made = {
        library: {"source": source.pk, "write_key": source.write_keys.get().key} for library, source in sources.items()
    }
    sys.stdout.write(json.dumps(made))


def _app(owner: User, company: Company, endpoint: str) -> App:
    app = create_app(owner, company, "Sdk Receiver")
    webhook = add_component(owner, app, ComponentKind.SUBSCRIPTION_WEBHOOK)
    set_endpoint(owner, webhook, endpoint, webhook.revision)
    plugin = add_component(owner, app, ComponentKind.WEB_PLUGIN)
    values = {"code": PLUGIN, "shape": PluginShape.DESTINATION, "library_name": LIBRARY}
    save_version(owner, plugin, values, plugin.revision, deploy=True)
    return app
