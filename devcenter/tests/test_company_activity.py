"""What a company reads of its own record, and what it takes away."""

import json

import pytest
from django.urls import reverse

from apps_catalog import lifecycle
from audit.models import Record
from audit.recording import SYSTEM, record
from devcenter.company_activity import TOPICS

pytestmark = pytest.mark.django_db


def address(company, name: str = "company-activity") -> str:
    return reverse(name, args=[company.slug])


def test_members_read_what_happened_in_words_and_by_whom(app, company, alice, viv, client_for):
    lifecycle.rename(alice, app, "Acme Forecast", app.revision)

    page = client_for(viv).get(address(company)).content.decode()

    assert "Created the App" in page
    assert "Renamed the App" in page
    assert "Alice" in page
    assert "Download all" not in page


def test_the_page_is_narrowed_by_topic_and_leafed_through(company, alice, client_for):
    for number in range(30):
        record(alice, "submission.submitted", company, chain=company.chain, version=number)
    record(alice, "access.revealed", company, chain=company.chain, field="password")
    record(SYSTEM, "member.joined", company, chain=company.chain)
    client = client_for(alice)

    review = client.get(address(company), {"about": "review", "page": 2})
    secrets = client.get(address(company), {"about": "secrets"})
    people = client.get(address(company), {"about": "people"})

    assert (len(review.context["lines"]), review.context["page_obj"].paginator.count) == (5, 30)
    assert [line.what for line in secrets.context["lines"]] == ["Opened the reviewers’ password"]
    assert [(line.what, line.who) for line in people.context["lines"]] == [("A member joined", "the system")]


@pytest.mark.parametrize("topic", [*TOPICS, "", "nothing-like-this"])
def test_every_topic_can_be_empty(topic, company, alice, client_for):
    answer = client_for(alice).get(address(company), {"about": topic})
    assert (answer.status_code, answer.context["lines"]) == (200, [])


def test_another_company_does_not_exist(company, other_company, charlie, client_for):
    record(SYSTEM, "member.joined", company, chain=company.chain)
    record(SYSTEM, "member.left", other_company, chain=other_company.chain)
    client = client_for(charlie)

    assert client.get(address(company)).status_code == 404
    assert client.get(address(company, "company-activity-export")).status_code == 404
    assert [line.what for line in client.get(address(other_company)).context["lines"]] == ["A member left"]


def test_owners_take_the_whole_chain_away_with_its_hashes(company, alice, bob, client_for):
    for number in range(3):
        record(alice, "test.done", company, chain=company.chain, number=number)

    answer = client_for(alice).get(address(company, "company-activity-export"))
    rows = [json.loads(line) for line in b"".join(answer.streaming_content).decode().splitlines()]

    assert [row["seq"] for row in rows] == [1, 2, 3]
    assert [row["prev_hash"] for row in rows] == ["", rows[0]["hash"], rows[1]["hash"]]
    assert rows[2]["hash"] == Record.objects.get(seq=3).digest()
    assert "alice@" not in json.dumps(rows)
    assert client_for(bob).get(address(company, "company-activity-export")).status_code == 403
