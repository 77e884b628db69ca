"""A form that comes after its log-in ran out, and one whose token is old: no text is lost, no secret repeated."""

from urllib.parse import quote

import pytest
from django.http import QueryDict
from django.test import Client

from accounts.expired import typed_texts
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db
HOME = "http://testserver"


def test_the_log_in_leads_back_to_the_page_of_the_form(client: Client) -> None:
    """The address of the form itself may take forms only."""
    answer = client.post(
        "/company/acme/invite/", {"email": "new@example.com"}, headers={"referer": f"{HOME}/company/acme/"}
    )

    assert (answer.status_code, answer["Location"]) == (
        302,
        f"/accounts/login/?next={quote('/company/acme/', safe='')}",
    )


@pytest.mark.parametrize(
    "referer", ["", "https://elsewhere.example/company/acme/", "javascript:alert(1)", "//evil.example/"]
)
def test_a_foreign_referer_is_not_followed(client: Client, referer: str) -> None:
    answer = client.post("/account/?a=1", {"name": "Alice"}, headers={"referer": referer})

    assert answer["Location"] == f"/accounts/login/?next={quote('/account/?a=1', safe='')}"


def test_without_scripts_the_text_is_shown_for_copying(client: Client) -> None:
    body = {
        "use_cases": "Three weeks of work & <b>care</b>",
        "password": "correct horse battery",
        "company_name": "Acme",
    }

    answer = client.post("/apply/", body, headers={"referer": f"{HOME}/apply/"})

    page = answer.content.decode()
    assert answer.status_code == 401
    assert "Three weeks of work &amp; &lt;b&gt;care&lt;/b&gt;" in page
    assert "correct horse" not in page
    assert "/accounts/login/?next=%2Fapply%2F" in page
    assert answer["Cache-Control"] == "private, no-store"


def test_a_browser_that_kept_the_text_goes_straight_to_the_log_in(client: Client) -> None:
    answer = client.post("/apply/", {"use_cases": "Three weeks of work", "draft_kept": "1"})

    assert answer.status_code == 302


def test_an_autosave_is_still_answered_with_the_redirect_it_knows(client: Client) -> None:
    answer = client.post("/apply/", {"use_cases": "Three weeks of work"}, headers={"accept": "application/json"})

    assert answer.status_code == 302


def test_an_old_token_loses_no_text(alice) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.login(username=alice.email, password=PASSWORD)

    answer = client.post("/account/", {"name": "Alice of Acme"}, headers={"referer": f"{HOME}/account/"})

    assert answer.status_code == 403
    assert "Alice of Acme" in answer.content.decode()
    assert 'href="/account/"' in answer.content.decode()


def test_a_form_of_another_site_gets_no_text_shown_here(alice) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.login(username=alice.email, password=PASSWORD)

    answer = client.post("/account/", {"name": "You have won a prize"}, headers={"referer": "https://evil.example/"})

    assert answer.status_code == 403
    assert "prize" not in answer.content.decode()


def test_what_counts_as_a_text() -> None:
    data = QueryDict(
        "note=two+words&slug=one-word&api_key=a+b&new_password=a+b&csrfmiddlewaretoken=a+b&list=a+b&list=c+d&x=+y+"
    )

    assert [(typed.label, typed.text) for typed in typed_texts(data)] == [
        ("Note", "two words"),
        ("List", "a b"),
        ("List", "c d"),
    ]


def test_the_page_asks_who_is_there(client: Client, alice) -> None:
    assert client.get("/account/session/").json()["user"] == ""
    client.force_login(alice)

    answer = client.get("/account/session/")

    assert answer.json()["user"] == str(alice.pk)
    assert len(answer.json()["token"]) == 64
    assert "no-store" in answer["Cache-Control"]
