"""A suite is bounded by the endpoint, not by us (`make bench` has the figures)."""

import pytest

from bench.suite_lines import PACE_LIMIT, SuiteLine, crowd_line, pace_line, suites_text
from bench.suites import pace
from tests.counts import count
from tests.services.receiver import Reply


@pytest.mark.django_db
def test_a_suite_keeps_up_with_a_plain_client(receiver, settings):
    """An endpoint at some distance, so that a busy machine does not decide; the best of a few tries counts."""
    settings.EGRESS_ALLOW = "127.0.0.0/8"
    receiver.default = Reply(delay_seconds=0.03)
    ratios = []
    for _ in range(3):
        figures = pace(f"{receiver.url}/hook", rounds=count(1, 5))
        ratios.append(figures["suite"] / figures["client"])
        if ratios[-1] >= PACE_LIMIT:
            return
    pytest.fail(f"{ratios} of the plain client's pace, of {PACE_LIMIT} wanted")


def test_the_lines_of_the_benchmark_pass_and_fail_where_they_should():
    slow = {"suite": 60.0, "client": 100.0}
    lines = [
        pace_line("after-5", slow, has_limit=True),
        pace_line("at-once", slow, has_limit=False),
        pace_line("after-20", {"suite": 71.0, "client": 100.0}, has_limit=True),
        crowd_line(4.1, 2.0, 50),
        crowd_line(3.9, 2.0, 50),
    ]
    assert [bool(line.fault) for line in lines] == [True, False, False, True, False]
    text = suites_text(lines)
    assert "FAIL: at least 0.7x" in text
    assert "FAIL: at most 2x" in text
    assert text.count("PASS") == 3
    assert SuiteLine("x", "s", 1.0, 2.0).ratio == 0.5
