"""The desk's tests start from an App in review, as `reviews/tests` make it."""

import time

import pytest
from django.urls import reverse

from partners.models import Membership
from partners.states import Role
from reviews.tests.conftest import asked, in_beta, judged, listed, ready, submission  # noqa: F401
from tests.cast import make_user


def freshly(client):
    """`client` as after a password that was given again a moment ago."""
    session = client.session
    session["account_authentication_methods_user"] = session["_auth_user_id"]
    session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "reauthenticated": True}]
    session.save()
    return client


@pytest.fixture
def desk(client_for, rita):
    """Rita's client, freshly logged in."""
    return freshly(client_for(rita))


@pytest.fixture
def plain_staff(db):
    """Staff who do not review."""
    return make_user("stan", domain="segment.example", is_staff=True)


@pytest.fixture
def insider(rita, company):
    """A reviewer who belongs to the company that made the App."""
    Membership.objects.create(company=company, user=rita, role=Role.VIEWER)
    return rita


@pytest.fixture
def address(submission):  # noqa: F811
    return reverse("review-submission", args=[submission.pk])
