"""What the tests of runs share: a webhook of the App that points to a real receiver on loopback."""

import pytest

from apps_catalog.models import Component, Setting
from testbench.lifecycle import start_suite
from testbench.tests.runs import VALUES, work


@pytest.fixture(autouse=True)
def _loopback(settings):
    settings.EGRESS_ALLOW = "127.0.0.0/8,::1/128"


@pytest.fixture
def webhook(app, receiver) -> Component:
    """A webhook with two settings besides the API key, of which one is secret."""
    Setting.objects.create(app=app, key="region", label="Region", position=1)
    Setting.objects.create(app=app, key="pin", label="PIN", type="password", sensitive=True, position=2)
    component, _ = Component.objects.update_or_create(
        app=app, kind="subscription_webhook", defaults={"endpoint": f"{receiver.url}/hook"}
    )
    return component


@pytest.fixture
def finished(webhook, alice):
    """Start a suite, do it as a worker would, and give the run back."""

    def run(values=VALUES, **options):
        return work(start_suite(options.pop("actor", alice), webhook, values, **options))

    return run
