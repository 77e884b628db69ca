"""What the tests of the flow are about, beside the cast."""

import pytest

from apps_catalog.lifecycle import create_app
from installs import lifecycle
from installs.models import Client, Install
from installs.tests.flowing import RIVAL_SECRET, code_for, exchange
from tests.cast import make_oauth_client


@pytest.fixture
def rival_client(charlie, other_company) -> Client:
    """Of another company, with RIVAL_SECRET and the same redirect URIs."""
    return make_oauth_client(create_app(charlie, other_company, "Rival App"), secret=RIVAL_SECRET)


@pytest.fixture
def proposed(alice, oauth_client, source) -> Install:
    """Consented, its code not exchanged yet."""
    return lifecycle.propose(alice, oauth_client, source.workspace, source)


@pytest.fixture
def granted(oauth_client, proposed) -> dict[str, str]:
    """The answer to the exchange of its code."""
    return exchange(oauth_client, code_for(proposed)).json()
