"""The page of an App that asks to go public."""

import pytest
from django.urls import reverse

from apps_catalog.models import App
from audit.models import Record
from partners.models import Membership
from partners.states import Role
from reviews.desk.tests.conftest import freshly


def text_of(response):
    return response.content.decode()


@pytest.fixture
def where(asked):
    return reverse("review-release", args=[asked.pk])


def stage(asked):
    return App.objects.get(pk=asked.app_id).stage


def test_it_says_who_confirmed_and_from_where(desk, where):
    shown = text_of(desk.get(where))
    for words in ("Carol", "customer.example", "by the special URL", "It works.", "Nothing is missing.", "Counts"):
        assert words in shown, words


def test_release_twice_is_once_and_undo(desk, asked, where, settings):
    settings.UNDO_SECONDS = 600
    assert [desk.post(where, {"act": "release"}).status_code for _ in range(2)] == [303, 303]
    assert stage(asked) == "public_beta"
    assert Record.objects.filter(action="release.released").count() == 1
    assert "Undo the release" in text_of(desk.get(where))
    assert [desk.post(where, {"act": "undo"}).status_code for _ in range(2)] == [303, 303]
    assert stage(asked) == "private_beta"


def test_the_second_reviewer_is_told(desk, client_for, adam, asked, where):
    freshly(client_for(adam)).post(where, {"act": "release"})
    answer = desk.post(where, {"act": "release"})
    assert answer.status_code == 409
    assert "already released (Adam" in text_of(answer)


def test_what_is_missing_is_said(desk, asked, where, carol, company):
    Membership.objects.create(company=company, user=carol, role=Role.VIEWER)
    shown = text_of(desk.get(where))
    assert "Not yet." in shown
    assert "Does not count" in shown
    answer = desk.post(where, {"act": "release"})
    assert answer.status_code == 422
    assert "0 did so far" in text_of(answer)
    assert stage(asked) == "private_beta"


def test_no_undo_after_the_interval(desk, where, settings):
    settings.UNDO_SECONDS = 0
    desk.post(where, {"act": "release"})
    answer = desk.post(where, {"act": "undo"})
    assert answer.status_code == 422
    assert "cannot be undone any more" in text_of(answer)
    assert desk.post(where, {"act": "explode"}).status_code == 422


def test_a_release_asks_for_a_fresh_log_in(client_for, rita, asked, where):
    answer = client_for(rita).post(where, {"act": "release"})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert stage(asked) == "private_beta"


def test_who_may_not(client, client_for, plain_staff, alice, asked, where):
    assert client_for(plain_staff).get(where).status_code == 403
    assert client_for(alice).get(where).status_code == 302
    assert client.get(where).status_code == 302


def test_a_member_only_reads(client_for, asked, insider, where):
    insiders = client_for(insider)
    shown = text_of(insiders.get(where))
    assert "not yours to release" in shown
    assert 'name="act"' not in shown
    assert insiders.post(where, {"act": "release"}).status_code == 403
