"""The rate limit (D37): exact in one process, nearly so in several, open when the cache is away (F6)."""

import threading
from collections import Counter

import pytest

from tracking import rates
from tracking.rates import Rates
from tracking.tests.conftest import make_key

TRACK = {"event": "x", "userId": "u"}


class Shared:
    """A cache's counters, and how often they were asked."""

    def __init__(self) -> None:
        self.sums: Counter[str] = Counter()
        self.asked = 0
        self.is_away = False
        self._lock = threading.Lock()

    def count(self, key: str, number: int) -> int:
        with self._lock:
            self.asked += 1
            if self.is_away:
                raise ConnectionError
            self.sums[key] += number
            return self.sums[key]


class Clock:
    now = 1_000.25

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def shared() -> Shared:
    return Shared()


@pytest.fixture
def clock() -> Clock:
    return Clock()


def let_through(made: Rates, attempts: int, limit: int, workspace: int = 1) -> int:
    return sum(made.reset_of(workspace, limit) == 0 for _ in range(attempts))


@pytest.mark.parametrize("limit", [1, 2, 7, 50, 99, 100, 1000])
def test_one_process_lets_exactly_the_limit_through(limit, shared, clock):
    made = Rates(shared.count, clock)

    assert let_through(made, 3 * limit + 10, limit) == limit
    assert made.reset_of(1, limit) == 1_001
    clock.now += 1
    assert let_through(made, 3 * limit + 10, limit) == limit


def test_workspaces_do_not_share_a_limit(shared, clock):
    made = Rates(shared.count, clock)

    assert [let_through(made, 30, 10, workspace) for workspace in (1, 2, 3)] == [10, 10, 10]


def test_several_processes_share_the_limit_up_to_a_lease_each(shared, clock):
    processes = [Rates(shared.count, clock) for _ in range(4)]

    total = sum(let_through(made, 1, 1000) for _ in range(2000) for made in processes)

    assert 1000 <= total <= 1000 + 3 * 20


def test_the_cache_is_hardly_asked(shared, clock):
    made = Rates(shared.count, clock)

    let_through(made, 20, 1000)
    assert shared.asked == 0
    let_through(made, 100_000, 1000)
    assert shared.asked <= 50


def test_threads_of_one_process(shared, clock):
    made, done = Rates(shared.count, clock), []
    threads = [threading.Thread(target=lambda: done.append(let_through(made, 500, 1000))) for _ in range(8)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(done) == 1000


def test_without_the_cache_each_process_keeps_the_limit_by_itself(shared, clock):
    shared.is_away = True
    made = Rates(shared.count, clock)

    assert let_through(made, 3000, 1000) == 1000
    clock.now += 1
    assert let_through(made, 3000, 1000) == 1000
    assert shared.asked == 1
    clock.now += 10
    shared.is_away = False
    assert let_through(made, 3000, 1000) == 1000
    assert shared.asked > 1


# --- Over HTTP -------------------------------------------------------------------------------------------------------


@pytest.fixture
def slow(settings, monkeypatch, clock) -> Clock:
    settings.TRACKING_REQUESTS_PER_SECOND = 3
    monkeypatch.setattr(rates, "_rates", Rates(Shared().count, clock))
    monkeypatch.setattr(rates.time, "time", clock)
    return clock


@pytest.mark.parametrize("in_body", [True, False], ids=["key in the body", "key in the header"])
def test_too_many_requests(in_body, api, write_key, slow):
    def ask(key: str) -> object:
        return api.post("/v1/track", {**TRACK, "writeKey": key}) if in_body else api.post("/v1/track", TRACK, key=key)

    answers = [ask(write_key.key) for _ in range(5)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert answers[3]["Retry-After"] == "1"
    assert answers[3]["X-RateLimit-Reset"] == "1001"
    assert answers[3]["Access-Control-Expose-Headers"] == "Retry-After, X-RateLimit-Reset"
    assert ask(make_key("theirs").key).status_code == 200
    slow.now += 1
    assert ask(write_key.key).status_code == 200


def test_no_limit(api, write_key, slow, settings):
    settings.TRACKING_REQUESTS_PER_SECOND = 0

    assert {api.post("/v1/track", TRACK, key=write_key.key).status_code for _ in range(9)} == {200}


def test_the_shared_count_of_the_real_cache(db):
    first = rates._count_in_cache("tracking:test", 5)

    assert rates._count_in_cache("tracking:test", 7) == first + 7
