"""One session of the list, ended by itself."""

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client

from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db


def logged_in(user) -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    client.get("/account/")
    return client


def test_one_session_ends_and_the_others_stay(alice) -> None:
    here, there = logged_in(alice), logged_in(alice)
    other = UserSession.objects.get(session_key=there.session.session_key)

    assert f"/account/sessions/{other.pk}/end/" in here.get("/accounts/sessions/").content.decode()
    assert here.post(f"/account/sessions/{other.pk}/end/").status_code == 302

    assert there.get("/account/").status_code == 302
    assert here.get("/account/").status_code == 200


def test_the_session_in_use_stays(alice) -> None:
    here = logged_in(alice)
    own = UserSession.objects.get(session_key=here.session.session_key)

    here.post(f"/account/sessions/{own.pk}/end/")

    assert here.get("/account/").status_code == 200


def test_nobody_ends_the_session_of_somebody_else(alice, bob) -> None:
    logged_in(alice)
    hers = UserSession.objects.get(user=alice)

    assert logged_in(bob).post(f"/account/sessions/{hers.pk}/end/").status_code == 404
    assert UserSession.objects.filter(pk=hers.pk).exists()
