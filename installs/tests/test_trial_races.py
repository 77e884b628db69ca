"""Many presses of “Try the flow” at the same moment, and many ends of one trial: real threads on a real database."""

from collections import Counter
from functools import partial

import pytest

from audit.models import Record
from installs import trials
from installs.models import ClientSecret, FlowTrial
from leases.transitions import StaleState
from tests.counts import count
from tests.racing import Crew

PARALLEL = count(6, 50)
pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True, serialized_rollback=True)]


def test_many_presses_are_one_trial_and_many_cancels_one_end(alice, oauth_client) -> None:
    with Crew() as crew:
        started = crew.at_once(*[partial(trials.start, alice, oauth_client)] * PARALLEL)
        assert {trial.pk for trial in started} == {FlowTrial.objects.get().pk}
        assert ClientSecret.objects.filter(is_trial=True).count() == 1
        assert trials.authorize_url(FlowTrial.objects.select_related("client__app").get())

        loaded = FlowTrial.objects.select_related("client__app")
        ended = crew.at_once(*[lambda: trials.cancel(alice, loaded.get())] * PARALLEL)
    assert Counter(type(answer) for answer in ended) == {type(None): 1, StaleState: PARALLEL - 1}
    assert Counter(Record.objects.values_list("action", flat=True)) >= Counter(["trial.started", "trial.ended"])
    assert Record.objects.filter(action__startswith="trial.").count() == 2
    assert not ClientSecret.objects.filter(is_trial=True).exists()
