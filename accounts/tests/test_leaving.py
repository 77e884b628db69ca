from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import leaving
from accounts.models import User
from audit.models import Record

pytestmark = pytest.mark.django_db


def test_asking_to_leave_starts_the_grace_period(carol, settings):
    leaving.request_deletion(carol)
    carol.refresh_from_db()
    days = carol.delete_after - timezone.now()
    assert timedelta(days=settings.DELETION_GRACE_DAYS - 1) < days
    assert Record.objects.get().action == "account.deletion_requested"


def test_asking_twice_is_asking_once(carol):
    leaving.request_deletion(carol)
    first = carol.delete_after
    leaving.request_deletion(carol)
    carol.refresh_from_db()
    assert carol.delete_after == first
    assert Record.objects.count() == 1


def test_one_can_change_ones_mind(carol):
    leaving.request_deletion(carol)
    leaving.keep(carol)
    assert leaving.purge_accounts(timezone.now() + timedelta(days=99)) == 0
    assert User.objects.filter(pk=carol.pk).exists()


def test_the_account_is_erased_after_the_grace_period_and_the_record_stays_whole(carol):
    leaving.request_deletion(carol)
    assert leaving.purge_accounts(timezone.now()) == 0
    assert leaving.purge_accounts(timezone.now() + timedelta(days=99)) == 1
    assert not User.objects.filter(pk=carol.pk).exists()
    assert Record.objects.filter(action="account.deleted").exists()
    assert carol.email not in str(list(Record.objects.values()))


def test_the_export_holds_what_we_know_and_no_password(carol):
    exported = leaving.export(carol)
    assert exported["account"]["email"] == carol.email
    assert carol.password not in str(exported)
