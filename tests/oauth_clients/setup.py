"""An App in private beta for each client library, with its client and customers: run in a site by `manage.py shell`."""

import json
import sys
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction

from accounts.models import User
from apps_catalog import lifecycle
from apps_catalog.models import App
from installs import clients
from partners.models import Company
from reviews import decisions, submissions
from reviews.tests.conftest import (
    confirm_everything,
    fill_access,
    fill_docs,
    fill_listing,
    finish_suite,
    pass_all,
)
from tests.cast import make_company, make_user
from workspaces.lifecycle import add_source, create

# As the example App for partners was registered, when Segment's own flow knew no PKCE.
CLASSIC = frozenset({"node"})
DOMAIN = "sign-ups.example"
# One for each test, because an App is in a workspace once.
CUSTOMERS = ("story", "tabs", "down")


# In one transaction: otherwise the site's worker finds out in between that the documentation's address answers nobody.
@transaction.atomic
def make(endpoint: str, redirect_uris: Mapping[str, str]) -> None:
    """Writes `{library: {…}}`: what the partner's server needs, and its customers.

    `redirect_uris` by library. To be run once on a site.
    """
    owner, reviewer = make_user("owner", domain=DOMAIN), make_user("reviewer", domain=DOMAIN, is_staff=True)
    reviewer.groups.add(Group.objects.get(name="Reviewers"))
    company = make_company("Sign Ups", owner)
    made = {}
    for library, redirect_uri in redirect_uris.items():
        app = _app(owner, reviewer, company, f"Sign Ups {library.title()}", f"{endpoint}/{library}")
        customers = {name: _customer(f"{name}-{library}") for name in CUSTOMERS}
        made[library] = _client(owner, app, redirect_uri, library) | {"customers": customers}
    sys.stdout.write(json.dumps(made))


def _app(owner: User, reviewer: User, company: Company, name: str, endpoint: str) -> App:
    """Approved, so that customers get it."""
    app = lifecycle.create_app(owner, company, name)
    webhook = lifecycle.choose_kinds(owner, app, "subscription", "webhook", app.revision)
    assert webhook
    lifecycle.set_endpoint(owner, webhook, endpoint, webhook.revision)
    webhook.refresh_from_db()
    finish_suite(webhook)
    for fill in (fill_listing, fill_docs, fill_access, confirm_everything):
        fill(app, owner)
    submission = submissions.submit(App.objects.get(pk=app.pk), owner, "The first version.")
    pass_all(submission, reviewer)
    decisions.approve(submission, reviewer)
    return App.objects.get(pk=app.pk)


def _client(owner: User, app: App, redirect_uri: str, library: str) -> dict[str, Any]:
    client = clients.set_up(owner, app)
    clients.save_redirects(owner, client, [redirect_uri], is_classic=library in CLASSIC, revision=client.revision)
    _, secret = clients.new_secret(owner, client, "Sign-up server")
    return {
        "app": app.slug, "name": app.name, "client_id": client.client_id, "client_secret": secret, "scope": client.scope
    }  # fmt: skip


def _customer(name: str) -> dict[str, Any]:
    """A workspace with two sources, the second of which is chosen."""
    customer = make_user(name, domain=DOMAIN)
    workspace = create(customer, f"Shop of {name}", "us")
    sources = [add_source(customer, workspace, source) for source in ("Website", "Phone app")]
    return {
        "email": customer.email, "workspace": workspace.slug, "source": sources[1].slug,
        "write_key": sources[1].write_keys.get().key,
    }  # fmt: skip
