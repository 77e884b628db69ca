"""Values of client secrets: made, kept as digests, recognised."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from apps_catalog.lifecycle import create_app
from installs import clients, digests, secrets
from installs.models import ClientSecret

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(alice, app):
    return clients.set_up(alice, app)


def test_a_value_is_long_random_and_needs_no_escaping():
    values = {digests.new_value() for _ in range(50)}
    assert len(values) == 50
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", value) for value in values)


def test_the_value_is_kept_as_a_digest_only(alice, client):
    made, value = clients.new_secret(alice, client, "Production")
    row = ClientSecret.objects.values().get()
    assert value not in repr(row)
    assert row["digest"] == digests.digest(value)
    assert row["hint"] == value[-4:]
    assert secrets.matching(client, value) == made


@pytest.mark.parametrize("value", ["", "wrong", "\x00", "é", "\ud800", "x" * 100_000])
def test_anything_else_is_not_recognised(alice, client, value):
    clients.new_secret(alice, client, "Production")
    assert secrets.matching(client, value) is None


def test_the_digest_is_no_secret_itself(alice, client):
    made, _ = clients.new_secret(alice, client, "Production")
    assert secrets.matching(client, made.digest) is None


def test_two_work_side_by_side_and_a_retired_one_no_more(alice, client):
    (_, old), (_, new) = clients.new_secret(alice, client, "Old"), clients.new_secret(alice, client, "New")
    assert secrets.matching(client, old).name == "Old"
    assert secrets.matching(client, new).name == "New"
    assert clients.retire_secret(alice, secrets.matching(client, old))
    assert secrets.matching(client, old) is None
    assert secrets.matching(client, new)


def test_a_secret_belongs_to_one_client_and_may_end_by_itself(alice, charlie, client, other_company):
    other = clients.set_up(charlie, create_app(charlie, other_company, "Rival Tool"))
    made, value = clients.new_secret(alice, client, "Production")
    assert secrets.matching(other, value) is None
    ClientSecret.objects.update(expires_at=timezone.now() + timedelta(minutes=1))
    assert secrets.matching(client, value) == made
    ClientSecret.objects.update(expires_at=timezone.now())
    assert secrets.matching(client, value) is None


def test_the_last_use_is_noted_to_the_minute_once_in_one(alice, client, time_machine, django_assert_num_queries):
    time_machine.move_to("2026-03-12T10:00:42Z", tick=False)
    _, value = clients.new_secret(alice, client, "Production")
    assert secrets.matching(client, value).last_used_at.isoformat() == "2026-03-12T10:00:00+00:00"
    time_machine.move_to("2026-03-12T10:00:59Z", tick=False)
    with django_assert_num_queries(1):
        secrets.matching(client, "wrong")
    assert ClientSecret.objects.get().last_used_at.minute == 0
    time_machine.move_to("2026-03-12T10:01:01Z", tick=False)
    secrets.matching(client, value)
    assert ClientSecret.objects.get().last_used_at.minute == 1
