"""What is over goes by itself (devcenter.purging), and what is still of use stays."""

from datetime import timedelta

import pytest
from django.utils import timezone

from devcenter.purging import purge
from installs import lifecycle
from installs.models import AccessToken, Grant, Install, RefreshToken
from installs.states import EndReason, InstallState
from installs.tests.flowing import code_for, refresh
from installs.trials import SECRET_FOR
from tests.cast import went_through
from workspaces.sources import remove_source

pytestmark = pytest.mark.django_db
NOW = timedelta(0)


def purged(later: timedelta) -> dict[str, int]:
    gone, failed = purge(timezone.now() + later)
    assert not failed
    return {name: gone[name] for name in ("oauth_codes", "oauth_tokens", "installs")}


def test_codes_go_when_they_can_do_no_harm_any_more(granted, proposed):
    code_for(proposed)
    assert purged(NOW)["oauth_codes"] == 0
    assert purged(timedelta(hours=2))["oauth_codes"] == 1
    assert Grant.objects.get().used_at is not None
    assert purged(timedelta(days=29))["oauth_codes"] == 0
    assert purged(timedelta(days=31))["oauth_codes"] == 1


def test_tokens_go_when_they_are_over(oauth_client, granted):
    refresh(oauth_client, granted["refresh_token"])
    assert purged(timedelta(minutes=59))["oauth_tokens"] == 0
    assert purged(timedelta(minutes=61))["oauth_tokens"] == 1
    assert not AccessToken.objects.exists()
    # The used one, too: it is known again as long as it could have been good.
    assert RefreshToken.objects.count() == 2
    assert purged(timedelta(days=31))["oauth_tokens"] == 2


def test_a_consent_that_nobody_came_back_from_ends(proposed, alice, oauth_client, source):
    assert purged(timedelta(minutes=59))["installs"] == 0
    assert purged(timedelta(minutes=61))["installs"] == 1
    assert end_of(proposed) == EndReason.EXPIRED
    assert lifecycle.propose(alice, oauth_client, source.workspace, source)


def test_an_install_goes_with_its_source(granted, proposed, alice, source):
    assert purged(NOW)["installs"] == 0
    remove_source(alice, source)
    assert purged(NOW)["installs"] == 1
    assert end_of(proposed) == EndReason.SOURCE
    assert not AccessToken.objects.exists()


def test_an_install_of_a_trial_does_not_outlive_it(app, alice, source):
    install = went_through(app, alice, source, is_trial=True)
    assert purged(NOW)["installs"] == 0
    assert purged(SECRET_FOR + timedelta(minutes=1))["installs"] == 1
    assert end_of(install) == EndReason.TRIAL


def end_of(install: Install) -> str:
    install.refresh_from_db()
    assert install.state == InstallState.ENDED
    return install.end_reason
