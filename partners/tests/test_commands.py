"""`admit_waitlist`: order, dry run, JSON, exit codes."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from notifications.models import OutboxMessage
from partners import lifecycle
from partners.models import AccessRequest, AgreementVersion, Intake
from partners.states import RequestState
from partners.tests.conftest import ANSWERS
from tests.cast import make_user


@pytest.fixture
def waiting(db) -> list[AccessRequest]:
    Intake.objects.update(accepting=False)
    requests = []
    for number in range(3):
        applicant = make_user(f"applicant{number}")
        access_request = lifecycle.start(applicant, ANSWERS | {"company_name": f"Company {number}"})
        lifecycle.submit(access_request, applicant, AgreementVersion.objects.in_force())
        requests.append(access_request)
    return requests


def run(*arguments: str) -> tuple[int, dict]:
    out, code = StringIO(), 0
    try:
        call_command("admit_waitlist", *arguments, "--json", stdout=out, stderr=StringIO())
    except SystemExit as end:
        code = int(end.code or 0)
    return code, json.loads(out.getvalue())


def states() -> list[str]:
    return list(AccessRequest.objects.order_by("pk").values_list("state", flat=True))


def test_admits_the_oldest_first(waiting):
    code, answer = run("--count", "2")

    assert (code, [row["company_name"] for row in answer["admitted"]]) == (0, ["Company 0", "Company 1"])
    assert states() == [RequestState.SUBMITTED, RequestState.SUBMITTED, RequestState.WAITLISTED]
    assert OutboxMessage.objects.filter(kind="access_admitted").count() == 2


def test_a_dry_run_changes_nothing(waiting):
    mails = OutboxMessage.objects.count()
    code, answer = run("--all", "--dry-run")

    assert (code, len(answer["admitted"]), answer["dry_run"]) == (0, 3, True)
    assert states() == [RequestState.WAITLISTED] * 3
    assert OutboxMessage.objects.count() == mails


def test_names_what_is_not_on_the_waitlist(waiting):
    code, answer = run("--request", str(waiting[1].pk), "99999")

    assert code == 1
    assert [row["request"] for row in answer["admitted"]] == [waiting[1].pk]
    assert answer["failed"] == [{"request": 99999, "problem": "It is not on the waitlist."}]


def test_running_it_again_finds_nobody(waiting):
    run("--all")

    assert run("--all") == (0, {"admitted": [], "failed": [], "dry_run": False})


@pytest.mark.parametrize("arguments", [[], ["--count", "0"], ["--count", "x"], ["--all", "--count", "1"]])
def test_wrong_use_is_refused(arguments, db):
    with pytest.raises(CommandError) as error:
        call_command("admit_waitlist", *arguments)

    assert error.value.returncode in (1, 2)


def test_says_it_in_words(waiting):
    out = StringIO()
    call_command("admit_waitlist", "--count", "1", stdout=out, stderr=StringIO())

    assert "Company 0" in out.getvalue()
    assert "1 admitted, 0 failed" in out.getvalue()
