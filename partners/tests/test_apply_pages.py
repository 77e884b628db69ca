"""The pages of the way in, as the applicant's browser sees them."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from notifications.models import OutboxMessage
from partners import lifecycle
from partners.models import AccessRequest, AgreementVersion, Intake, Membership
from partners.states import RequestState, Role
from partners.tests.conftest import ANSWERS

HTML = '<script>alert("x")</script><img src=x onerror=alert(1)>'


def boxes() -> dict[str, str]:
    return {f"agreement_{agreement.pk}": "on" for agreement in AgreementVersion.objects.in_force()}


def send(client: Client, revision: int = 0, **changes: str):
    return client.post("/apply/", ANSWERS | {"revision": revision, "action": "submit"} | boxes() | changes)


def autosave(client: Client, revision: int, **answers: str):
    data = ANSWERS | {"revision": revision} | answers
    return client.post("/apply/", data, headers={"accept": "application/json"})


@pytest.fixture
def client(dora, client_for) -> Client:
    return client_for(dora)


def test_visitors_log_in_first_and_come_back(db):
    for url in ("/apply/", "/apply/status/", "/apply/check/"):
        assert Client().get(url)["Location"] == f"/accounts/login/?next={url}"


def test_the_form_asks_six_questions_and_says_what_is_checked(client):
    page = client.get("/apply/").content.decode()

    assert all(f'name="{name}"' in page for name in ANSWERS)
    assert "neither a Segment customer nor a security researcher" in page.replace("Is neither", "neither")
    assert "Version 2026-01" in page
    assert "https://segment.com/legal/privacy/" in page
    assert AccessRequest.objects.count() == 0


def test_sending_needs_no_script_and_shows_the_date(client):
    response = send(client)

    assert (response.status_code, response["Location"]) == (303, "/apply/status/")
    page = client.get("/apply/status/").content.decode()
    assert "You have our answer by" in page
    assert "At our office" in page
    assert "PST" in page or "PDT" in page


def test_a_double_click_sends_one_request(client):
    send(client)
    response = send(client)

    assert response.status_code == 303
    assert AccessRequest.objects.count() == 1
    assert OutboxMessage.objects.filter(kind="access_received").count() == 1


def test_what_is_missing_is_named_and_what_was_typed_stays(client):
    response = client.post("/apply/", {"company_name": "", "use_cases": "Because", "revision": 0, "action": "submit"})

    page = response.content.decode()
    assert response.status_code == 422
    assert "Enter the name of your company." in page
    assert "Please read and accept this document." in page
    assert "Because" in page


def test_a_refused_request_still_keeps_the_draft(client):
    response = send(client, company_name="", use_cases="Kept")

    assert AccessRequest.objects.get().use_cases == "Kept"
    # What the page carries now goes through at once.
    assert 'name="revision" value="1"' in response.content.decode()
    assert send(client, revision=1).status_code == 303


def test_a_website_without_scheme_is_completed(client):
    send(client, company_website="www.lens.example.com")

    assert AccessRequest.objects.get().company_website == "https://www.lens.example.com"


@pytest.mark.parametrize("website", ["not a website", "javascript:alert(1)", "http://user:pw@lens.example.com"])
def test_a_website_that_is_none_is_explained(client, website):
    response = send(client, company_website=website)

    assert response.status_code == 422
    assert "https://www.example.com" in response.content.decode()


@pytest.mark.parametrize("field", list(ANSWERS))
def test_100_kb_in_an_answer_come_back_whole_with_a_clear_message(client, field):
    text = "x" * 100_000
    response = send(client, **{field: text})

    page = response.content.decode()
    assert response.status_code == 422
    assert text in page
    assert "characters at most; it has 100000 now" in page


def test_line_breaks_count_once(client):
    text = "\r\n".join("a" * 9 for _ in range(500))
    assert send(client, use_cases=text).status_code == 303

    assert AccessRequest.objects.get().use_cases == text.replace("\r\n", "\n")


def test_html_in_every_field_is_text(client):
    answers = {name: HTML for name in ANSWERS if name != "company_website"}
    assert send(client, **answers).status_code == 303

    for url in ("/apply/", "/apply/status/"):
        page = client.get(url).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "&lt;script&gt;alert" in page
    mail = OutboxMessage.objects.get()
    assert "<script>alert" not in mail.html
    assert HTML in mail.text


@pytest.mark.parametrize("bad", ["a\x00b", "two\nlines"])
def test_what_cannot_be_a_name_is_refused(client, bad):
    assert send(client, company_name=bad).status_code == 422


def test_typing_is_saved_as_it_goes(client):
    first = autosave(client, 0, use_cases="One").json()
    second = autosave(client, first["revision"], use_cases="Two").json()

    assert (first["revision"], second["revision"]) == (1, 2)
    assert second["saved_at"]
    assert AccessRequest.objects.get().use_cases == "Two"


def test_an_autosave_that_cannot_be_kept_says_why(client):
    response = autosave(client, 0, use_cases="x" * 6000)

    assert response.status_code == 422
    assert "What customers use your tool for" in response.json()["message"]


def test_a_second_tab_does_not_overwrite_by_autosave(client):
    autosave(client, 0, use_cases="First tab")
    response = autosave(client, 0, use_cases="Second tab")

    assert response.status_code == 409
    assert response.json()["answers"]["use_cases"] == "First tab"
    assert AccessRequest.objects.get().use_cases == "First tab"


@pytest.mark.parametrize("action", ["save", "submit"])
def test_a_second_tab_sees_both_versions_and_may_choose(client, action):
    autosave(client, 0, use_cases="First tab")
    form = ANSWERS | {"use_cases": "Second tab", "revision": 0, "action": action} | boxes()
    response = client.post("/apply/", form)

    page = response.content.decode()
    assert response.status_code == 409
    assert "First tab" in page
    assert "Second tab" in page
    assert AccessRequest.objects.get().use_cases == "First tab"
    # The form now carries the stored number: sending it again is the choice for one's own.
    assert client.post("/apply/", form | {"revision": 1}).status_code == 303
    assert AccessRequest.objects.get().use_cases == "Second tab"


def test_invalid_text_from_an_old_tab_does_not_become_the_newest(client):
    autosave(client, 0, use_cases="First tab")
    response = client.post("/apply/", ANSWERS | {"use_cases": "x" * 6000, "revision": 0, "action": "save"})

    assert response.status_code == 422
    assert 'name="revision" value="0"' in response.content.decode()


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_an_old_tab_does_not_reopen_what_was_decided(accept, brought_to, client):
    brought_to("declined")
    response = client.post("/apply/", ANSWERS | {"revision": 0, "action": "submit"}, headers={"accept": accept})

    assert response.status_code == (409 if accept == "application/json" else 303)
    assert AccessRequest.objects.count() == 1


def test_the_address_check_explains_itself(client, dora):
    assert "both belong to example.com" in client.get("/apply/check/?company_website=example.com").content.decode()
    assert "at other.test" in client.get("/apply/check/?company_website=www.other.test").content.decode()
    dora.email = "dora@gmail.com"
    dora.save()
    assert "open to everyone" in client.get("/apply/check/?company_website=x.example").content.decode()


def test_the_address_check_works_without_scripts(client):
    client.post("/apply/", ANSWERS | {"company_website": "www.other.test", "revision": 0, "action": "save"})

    assert "at other.test" in client.get("/apply/").content.decode()


def test_a_closed_intake_says_so_and_becomes_the_waitlist(client):
    Intake.objects.update(accepting=False, notice="Back in spring.")
    page = client.get("/apply/").content.decode()
    assert "Back in spring." in page
    assert "Join the waitlist" in page

    send(client)

    assert AccessRequest.objects.get().state == RequestState.WAITLISTED
    assert "On the waitlist" in client.get("/apply/status/").content.decode()


def test_a_sent_request_is_amended_on_purpose_not_as_it_is_typed(submitted, client):
    assert autosave(client, submitted.revision, use_cases="Typed").status_code == 409
    assert send(client, revision=submitted.revision, use_cases="Sent").status_code == 303

    submitted.refresh_from_db()
    assert (submitted.use_cases, submitted.state) == ("Sent", RequestState.SUBMITTED)


def test_a_question_is_answered_by_amending(brought_to, client):
    access_request = brought_to("more_asked")
    assert "Which product?" in client.get("/apply/").content.decode()
    assert "Which product?" in client.get("/apply/status/").content.decode()

    assert send(client, revision=access_request.revision, use_cases="The big one").status_code == 303

    access_request.refresh_from_db()
    assert access_request.state == RequestState.SUBMITTED


@pytest.mark.parametrize("state", RequestState.values)
def test_the_status_page_tells_every_state(state, brought_to, client):
    access_request = brought_to(state)
    page = client.get("/apply/status/")

    assert page.status_code == 200
    if state == "declined":
        assert "Not a company." in page.content.decode()
    part = client.get("/apply/status/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert str(access_request) in part


def test_withdraw_and_apply_again(submitted, client):
    for _ in range(2):
        assert client.post("/apply/withdraw/").status_code == 303
    assert client.get("/apply/")["Location"] == "/apply/status/"

    for _ in range(2):
        assert client.post("/apply/again/")["Location"] == "/apply/"

    assert AccessRequest.objects.count() == 2
    assert ANSWERS["use_cases"] in client.get("/apply/").content.decode()


@pytest.mark.parametrize("url", ["/apply/withdraw/", "/apply/again/"])
def test_who_never_applied_has_nothing_to_withdraw(url, client):
    assert client.post(url).status_code == 403
    assert client.get(url).status_code == 405


def test_requests_of_others_do_not_show(submitted, client_for, carol):
    assert client_for(carol).get("/apply/status/")["Location"] == "/apply/"
    assert ANSWERS["use_cases"] not in client_for(carol).get("/apply/").content.decode()


def test_posts_need_the_token(dora):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(dora)

    for url in ("/apply/", "/apply/withdraw/", "/apply/again/"):
        assert strict.post(url, {}).status_code == 403


def test_the_status_page_costs_the_same_after_much_has_happened(submitted, client, dora):
    client.get("/apply/status/")
    with CaptureQueriesContext(connection) as few:
        client.get("/apply/status/")
    for number in range(5):
        lifecycle.amend(submitted, dora, {"use_cases": str(number)}, submitted.revision)
    with CaptureQueriesContext(connection) as many:
        client.get("/apply/status/")

    assert len(few) == len(many)


class TestAFounderWhoLeft:
    """An approval stands in nobody's way once its company is somebody else's."""

    def test_applies_again_with_empty_answers(self, brought_to, dora, bob, client_for):
        company = brought_to("approved").company
        Membership.objects.create(company=company, user=bob, role=Role.OWNER)
        lifecycle.leave(company, dora)
        client = client_for(dora)

        page = client.get("/apply/", follow=True).content.decode()
        answer = client.post("/apply/again/")

        assert "no longer a member" in page
        assert "/apply/again/" in page
        assert (answer.status_code, answer.headers["Location"]) == (303, "/apply/")
        made = AccessRequest.objects.get(applicant=dora, state="draft")
        assert not any(made.answers.values())
        assert client.get("/apply/").status_code == 200
        assert AccessRequest.objects.get(company=company).state == "approved"

    def test_may_not_while_still_a_member(self, brought_to, dora, client_for):
        brought_to("approved")
        client = client_for(dora)

        assert "/apply/again/" not in client.get("/apply/status/").content.decode()
        assert client.post("/apply/again/").status_code == 403
