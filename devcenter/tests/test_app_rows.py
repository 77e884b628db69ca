"""The list of Apps with what other packages know about each."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps_catalog import lifecycle
from apps_catalog.states import ComponentKind
from audit.recording import SYSTEM
from testbench.lifecycle import start_suite

pytestmark = pytest.mark.django_db


def app_with_run(actor, company, name):
    app = lifecycle.create_app(actor, company, name)
    webhook = lifecycle.add_component(actor, app, ComponentKind.SUBSCRIPTION_WEBHOOK)
    return start_suite(SYSTEM, webhook, {"apiKey": "key"})


def test_the_list_shows_the_newest_run_of_each_app(alice, company, client_for):
    run = app_with_run(alice, company, "Alpha Works")
    lifecycle.create_app(alice, company, "Bravo Works")
    text = client_for(alice).get("/apps/").content.decode()
    assert f"/apps/alpha-works/test/runs/{run.pk}/" in text
    assert text.count("None yet") == 1


def test_more_apps_with_runs_cost_no_more_queries(alice, company, client_for):
    client = client_for(alice)
    app_with_run(alice, company, "Alpha Works")
    client.get("/apps/")
    with CaptureQueriesContext(connection) as few:
        client.get("/apps/")
    for name in ("Bravo Works", "Delta Works", "Echo Works", "Golf Works"):
        app_with_run(alice, company, name)
    with CaptureQueriesContext(connection) as many:
        client.get("/apps/")
    assert len(many) == len(few)
