"""Business time from the settings and the admin, the overdue list, and the check of mail servers."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from partners import lifecycle, tasks, websites
from partners.clock import calendar, due_after, in_office_zone, in_words
from partners.models import AccessRequest, AgreementVersion, ClosedDay, Document, Intake, Policy
from partners.queries import overdue_requests
from runtime.egress import Exchange, Response, SentRequest

SENT = SentRequest("GET / HTTP/1.1", (), b"")
FRIDAY_NOON = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _every_website_answers(monkeypatch):
    monkeypatch.setattr(websites, "fetch", lambda url: Exchange(SENT, Response(200, "", [], b"")))


def test_due_dates_skip_weekends_and_days_closed_by_the_admin(db):
    assert due_after(1, FRIDAY_NOON) == FRIDAY_NOON + timedelta(days=3)
    ClosedDay.objects.create(day="2026-11-23")
    assert due_after(1, FRIDAY_NOON) == FRIDAY_NOON + timedelta(days=4)


def test_the_office_zone_is_a_setting(db, settings):
    settings.OFFICE_TIME_ZONE = "Europe/Berlin"

    assert calendar().zone.key == "Europe/Berlin"
    assert in_words(in_office_zone(FRIDAY_NOON)) == "Friday, 20 November 2026, 21:00 CET"


def test_overdue_requests_are_those_that_wait_for_us(submitted, dora, rita):
    now = submitted.due_at
    assert not overdue_requests(now - timedelta(seconds=1))
    assert list(overdue_requests(now + timedelta(seconds=1))) == [submitted]

    lifecycle.ask_more(submitted, rita, "What?")
    assert not overdue_requests(now + timedelta(days=10))


def test_the_first_rows_are_there(db):
    assert Policy.objects.count() == Intake.objects.count() == 1
    assert Intake.current().accepting
    assert [(v.document, v.version) for v in AgreementVersion.objects.in_force()] == [
        (Document.PROGRAM_AGREEMENT, "2026-01"),
        (Document.PRIVACY_POLICY, "2026-01"),
    ]


def test_the_newest_effective_version_is_in_force(db):
    tomorrow = timezone.now() + timedelta(days=1)
    AgreementVersion.objects.create(
        document="privacy_policy", version="next", url="https://example.com", effective_at=tomorrow
    )

    assert [v.version for v in AgreementVersion.objects.in_force()] == ["2026-01", "2026-01"]
    with time_machine.travel(tomorrow + timedelta(minutes=1)):
        assert [v.version for v in AgreementVersion.objects.in_force()] == ["2026-01", "next"]


@pytest.mark.parametrize(
    "exchangers, kinds", [(["mx.example."], ["same_domain"]), ([], ["same_domain", "no_mail_server"])]
)
def test_the_mail_check_adds_its_signal_once(exchangers, kinds, submitted):
    for _ in range(2):
        tasks.ask_mail_server(submitted, lambda domain: exchangers)

    submitted.refresh_from_db()
    assert [signal["kind"] for signal in submitted.signals] == [*kinds, "website_answers"]
    assert submitted.mail_checked_at is not None


def test_a_dns_that_does_not_answer_is_no_warning(submitted):
    def broken(domain: str) -> list[str]:
        raise OSError("timeout")

    tasks.ask_mail_server(submitted, broken)

    submitted.refresh_from_db()
    assert [signal["kind"] for signal in submitted.signals] == ["same_domain", "website_answers"]


def test_what_is_checked_or_not_sent_is_left_alone(submitted, carol):
    tasks.ask_mail_server(submitted, lambda domain: ["mx.example."])
    lifecycle.start(carol)

    assert tasks.check_mail_servers() == 0


def test_changed_answers_are_checked_again(submitted, dora):
    tasks.ask_mail_server(submitted, lambda domain: [])
    lifecycle.amend(submitted, dora, {"use_cases": "More"}, submitted.revision)

    assert AccessRequest.objects.get(pk=submitted.pk).mail_checked_at is None
