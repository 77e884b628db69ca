import math
import random
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from delivery.counting import Counted, add, bucket_of, upper_ms, window_of
from delivery.models import Tally
from delivery.states import Stage
from tests.racing import Crew

AT = datetime(2026, 11, 22, 12, 3, 59, tzinfo=UTC)


def test_a_class_holds_its_own_limit_and_nothing_beyond():
    for bucket in range(241):
        assert bucket_of(upper_ms(bucket)) == bucket
        assert bucket_of(upper_ms(bucket) * 1.001) == min(bucket + 1, 240)


@pytest.mark.parametrize("milliseconds", [0, 0.3, 1, 2, 17, 950, 15_000, 4 * 3600 * 1000])
def test_a_time_read_from_its_class_is_at_most_nine_percent_too_long(milliseconds):
    read = upper_ms(bucket_of(milliseconds))
    assert milliseconds <= read * (1 + 1e-9)
    assert read <= max(1, milliseconds * 1.0906)


def test_times_beyond_all_reason_have_a_class_too():
    assert bucket_of(-5) == 0
    assert bucket_of(1e15) == 240
    assert math.isfinite(upper_ms(240))


@pytest.mark.parametrize(
    ("minute", "second", "begins"),
    [(0, 0, 0), (4, 59, 0), (5, 0, 5), (59, 59, 55)],
    ids=["first", "last", "next", "end"],
)
def test_five_minutes_are_one_window(minute, second, begins):
    assert window_of(AT.replace(minute=minute, second=second)) == AT.replace(minute=begins, second=0)


@pytest.mark.django_db
def test_counts_add_up():
    add([Counted(1, 0, AT, Stage.RECEIVED), Counted(1, 0, AT - timedelta(minutes=1), Stage.RECEIVED, count=4)])
    add([Counted(1, 0, AT, Stage.RECEIVED), Counted(1, 7, AT, Stage.FAILED, "errors.discarded.400")])
    add([Counted(1, 7, AT, Stage.DELIVERED, bucket=bucket_of(120))])
    add([])

    rows = Tally.objects.order_by("stage").values_list("destination_number", "at", "stage", "code", "bucket", "count")
    window = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    assert list(rows) == [
        (7, window, Stage.DELIVERED, "", bucket_of(120), 1),
        (7, window, Stage.FAILED, "errors.discarded.400", 0, 1),
        (0, window, Stage.RECEIVED, "", 0, 6),
    ]


@pytest.mark.django_db
def test_a_thousand_different_counts_are_a_few_statements(django_assert_max_num_queries):
    with django_assert_max_num_queries(4):
        add([Counted(source, 0, AT, Stage.RECEIVED) for source in range(1, 1001)])
    assert Tally.objects.count() == 1000


@pytest.mark.django_db(transaction=True)
def test_many_who_count_the_same_lose_nothing_and_never_lock_each_other_out():
    def add_some(seed: int) -> None:
        rows = [Counted(source, 0, AT, Stage.RECEIVED) for source in range(1, 30)]
        random.Random(seed).shuffle(rows)
        for _ in range(3):
            with transaction.atomic():
                add(rows)

    with Crew() as crew:
        answers = crew.at_once(*(lambda seed=seed: add_some(seed) for seed in range(8)))
    assert answers == [None] * 8
    assert set(Tally.objects.values_list("count", flat=True)) == {24}
