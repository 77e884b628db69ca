"""A removed component is out of the draft, and comes back with its endpoint, its test values and its runs."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from apps_catalog import lifecycle, manifest
from apps_catalog.models import Component
from audit.models import Record
from devcenter.purging import purge
from devcenter.sealed import rotate
from testbench.models import SuiteRun

pytestmark = pytest.mark.django_db


@pytest.fixture
def component(app, alice) -> Component:
    found = lifecycle.add_component(alice, app, "subscription_webhook")
    found.put_test_settings({"apiKey": "k"})
    found.save()
    SuiteRun.objects.create(app=app, component=found, endpoint=found.endpoint, state="finished")
    return found


def test_it_leaves_the_draft_and_comes_back_whole(component, app, alice) -> None:
    assert lifecycle.remove_component(alice, component)
    assert not lifecycle.remove_component(alice, component)
    assert not app.components.exists()
    assert manifest.export(app)["components"] == []

    assert lifecycle.restore_component(alice, component)
    assert not lifecycle.restore_component(alice, component)

    back = app.components.get()
    assert (back.pk, back.endpoint, back.open_test_settings()) == (component.pk, component.endpoint, {"apiKey": "k"})
    assert back.runs.count() == 1
    actions = Record.objects.filter(action__startswith="component.").order_by("seq").values_list("action", flat=True)
    assert list(actions) == ["component.added", "component.removed", "component.restored"]


def test_adding_the_kind_again_brings_the_old_one_back(component, app, alice) -> None:
    lifecycle.remove_component(alice, component)

    assert lifecycle.add_component(alice, app, "subscription_webhook").pk == component.pk
    assert app.components.get().runs.count() == 1


def test_a_manifest_without_it_removes_it_and_one_with_it_brings_it_back(component, app, alice, company) -> None:
    lifecycle.set_endpoint(alice, component, "https://hooks.acme.example/", component.revision)
    before = manifest.export(app)

    manifest.apply({**before, "components": []}, company=company, actor=alice)
    assert not app.components.exists()
    manifest.apply(before, company=company, actor=alice)

    assert app.components.get().runs.count() == 1


def test_its_secrets_are_turned_over_with_the_others(component, alice) -> None:
    lifecycle.remove_component(alice, component)

    assert rotate().current >= 1


def test_the_purge_takes_it_after_its_runs(component, alice) -> None:
    lifecycle.remove_component(alice, component)
    later = timezone.now() + timedelta(days=15)

    purge(later)
    assert Component.every.filter(pk=component.pk).exists()
    SuiteRun.objects.all().delete()
    assert purge(timezone.now())[0]["components"] == 0
    assert purge(later)[0]["components"] == 1

    assert not Component.every.filter(pk=component.pk).exists()


def test_only_editors(component, viv, charlie, rita) -> None:
    for actor in (viv, charlie, rita):
        with pytest.raises(PermissionDenied):
            lifecycle.remove_component(actor, component)


def test_the_page_says_it_with_a_button_that_undoes_it(component, app, client_for, alice) -> None:
    owner, page = client_for(alice), f"/apps/{app.slug}/components/"
    said = owner.post(f"{page}remove/subscription_webhook/", follow=True).content.decode()
    undo = f"{page}restore/subscription_webhook/"
    assert f'<form class="undo" method="post" action="{undo}">' in said
    assert f'action="{undo}"' in owner.get(page).content.decode()

    assert owner.post(undo).status_code == 303

    assert app.components.exists()
    assert undo not in owner.get(page).content.decode().replace("is back", "")
