"""A prepared query gives what its queryset gives, whatever is put into its slots, and writes its SQL once."""

from datetime import timedelta

import pytest
from django.db.models import BigAutoField, DateTimeField
from django.utils import timezone

from accounts.models import User
from leases.prepared import Prepared, Slot

pytestmark = pytest.mark.django_db


def test_it_gives_the_rows_of_the_queryset(alice, bob, django_assert_num_queries) -> None:
    written = []

    def build():
        written.append(1)
        return User.objects.filter(pk=Slot("pk", BigAutoField()), date_joined__lte=Slot("at", DateTimeField()))

    by_key, now = Prepared(build), timezone.now()

    with django_assert_num_queries(4):
        assert by_key.first(pk=alice.pk, at=now).email == alice.email
        assert by_key.ask(pk=bob.pk, at=now) == [bob]
        assert by_key.ask(pk=bob.pk, at=now - timedelta(days=9)) == []
        assert by_key.first(pk=0, at=now) is None
    assert len(written) == 1


def test_each_answer_is_new_and_can_be_gone_on_with(alice) -> None:
    named = Prepared(lambda: User.objects.filter(pk=Slot("pk", BigAutoField())).values_list("email", flat=True))

    assert named.ask(pk=alice.pk) == [alice.email]
    User.objects.filter(pk=alice.pk).update(email="new@demo.example")
    assert named.ask(pk=alice.pk) == ["new@demo.example"]


def test_a_slot_that_is_not_filled_is_an_error(alice) -> None:
    with pytest.raises(KeyError, match="pk"):
        Prepared(lambda: User.objects.filter(pk=Slot("pk", BigAutoField()))).ask()
