"""What the partner does with a run: choose groups, read it, copy and repeat a case, compare, print, filter."""

import json
import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from runtime.samples import GROUPS
from testbench.lifecycle import start_single, start_suite
from testbench.models import SuiteRun
from testbench.story import story_of
from testbench.tests.runs import KEY, PIN, VALUES, spellings, work
from testbench.tests.test_views import EVENT, FORM, page
from testbench.values import remember
from tests.services.receiver import Reply

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(app):
    return reverse("suite-home", args=[app.slug])


def case_page(name, run, position=1):
    return reverse(name, args=[run.app.slug, run.pk, position])


def with_message(status, message):
    return Reply(status, json.dumps({"message": message}).encode(), headers=(("Content-Type", "application/json"),))


# --- Groups -----------------------------------------------------------------------------------------


def test_groups_are_chosen_and_remembered(client_for, bob, webhook, home):
    client = client_for(bob)
    shown = client.get(home).text
    for group in GROUPS.values():
        assert group.title in shown
        assert (f'value="{group.name}"' in shown) is not group.required
    assert "checked" not in shown
    client.post(home, FORM | {"group": ["unicode", "bad_key"]})
    run = SuiteRun.objects.get()
    assert set(run.groups) == {"core", "deletion", "unicode", "bad_key"}
    assert run.covers_required
    again = client.get(home).text
    assert sorted(re.findall(r'name="group" value="(\w+)"[^>]* checked', again)) == ["bad_key", "unicode"]
    assert "2 chosen" in again


def test_an_unknown_group_and_a_required_one_cannot_be_posted(client_for, bob, webhook, home):
    for name in ("nonsense", "core"):
        assert client_for(bob).post(home, FORM | {"group": name}).status_code == 422
    assert not SuiteRun.objects.exists()


def test_a_second_tab_shows_the_run_that_is_under_way(client_for, bob, alice, webhook, home):
    run = start_suite(alice, webhook, VALUES)
    response = client_for(bob).post(home, FORM | {"group": "alias"}, follow=True)
    assert response.redirect_chain == [(page("suite-run", run), 303)]
    assert "under way already" in response.text


# --- Reading a run ----------------------------------------------------------------------------------


def test_the_meaning_and_the_endpoints_own_message_stand_apart(client_for, viv, finished, receiver):
    receiver.default = with_message(400, "<b>No such user</b> said: “hm”")
    run = finished()
    text = client_for(viv).get(page("suite-run", run)).text
    assert '<q class="own-message">&lt;b&gt;No such user&lt;/b&gt; said: “hm”</q>' in text
    assert "The endpoint said" not in text
    assert "What happened" in text
    for label in ("Connect", "First byte", "Total"):
        assert label in text
    assert f"{reverse('docs-page', args=['test-suite'])}#core-1-page-home" in text
    assert "style=" not in text


def test_advice_is_yellow_and_colours_nothing(client_for, viv, finished, receiver):
    run = finished(groups=["core", "deletion", "bad_key"])  # the receiver takes every key
    assert run.verdict == "green"
    text = client_for(viv).get(page("suite-run", run)).text
    assert "case--advice" in text
    assert "case--failed" not in text
    assert "chip--danger" not in text
    assert ">Advice</span>" in text
    assert GROUPS["bad_key"].advice in text
    assert "All required events passed" in text


def test_required_failures_are_red(client_for, viv, finished, receiver):
    receiver.default = Reply(500)
    text = client_for(viv).get(page("suite-run", finished())).text
    assert "case--failed" in text
    assert "case--advice" not in text


def test_the_story_names_the_visitor(client_for, viv, finished):
    run = finished()
    story = story_of(run.cases)
    events = [case.event for case in run.cases]
    assert story.anonymous_id == events[0]["anonymousId"]
    assert story.user_id == events[8]["userId"]
    assert story.known_from == 3
    assert [step.is_known for step in story.steps] == [False, False] + [True] * 7
    assert [step.at for step in story.steps] == sorted(step.at for step in story.steps)
    text = client_for(viv).get(page("suite-run", run)).text
    assert "The visitor behind these events" in text
    assert story.user_id in text


def test_a_single_event_has_no_story(client_for, viv, alice, webhook):
    run = work(start_single(alice, webhook, VALUES, EVENT))
    assert "The visitor behind" not in client_for(viv).get(page("suite-run", run)).text


# --- Waiting ----------------------------------------------------------------------------------------


def waited(run, seconds, **columns):
    since = timezone.now() - timedelta(seconds=seconds)
    SuiteRun.objects.filter(pk=run.pk).update(created_at=since, due_at=since, **columns)


def test_a_run_that_nobody_takes_says_since_when_and_what_to_do(client_for, bob, alice, webhook):
    run = start_suite(alice, webhook, VALUES)
    client, url = client_for(bob), page("suite-live", run)
    fresh = client.get(url)
    assert "in a moment" in fresh.text
    waited(run, 60)
    late = client.get(url, headers={"If-None-Match": fresh["ETag"]})
    assert "Waiting for a worker since <time" in late.text
    assert "tell Segment" in late.text
    assert "Cancel" in late.text


def test_a_run_whose_worker_died_says_so_too(client_for, bob, alice, webhook):
    run = start_suite(alice, webhook, VALUES)
    client, url = client_for(bob), page("suite-live", run)
    now = timezone.now()
    SuiteRun.objects.filter(pk=run.pk).update(state="running", lease_until=now + timedelta(seconds=20))
    assert "0 of 9 events sent" in client.get(url).text
    SuiteRun.objects.filter(pk=run.pk).update(lease_until=now - timedelta(seconds=20))
    assert "Waiting for a worker since <time" in client.get(url).text


def test_a_run_behind_others_of_the_company_waits_for_its_turn(client_for, bob, alice, webhook):
    for submission in ("1", "2"):
        held = SuiteRun(app=webhook.app, component=webhook, state="running", submission_id=f"{submission:0>32}")
        held.lease_until = timezone.now() + timedelta(seconds=60)
        held.save()
    run = start_suite(alice, webhook, VALUES)
    waited(run, 60)
    assert "Your company has 2 runs under way" in client_for(bob).get(page("suite-live", run)).text


# --- Copies and repeating ---------------------------------------------------------------------------


@pytest.mark.parametrize("name, start", [("suite-case-curl", "# Set SEGMENT_API_KEY"), ("suite-case-pytest", '"""')])
def test_copies_are_plain_text_without_secrets(client_for, viv, charlie, finished, name, start):
    run = finished()
    response = client_for(viv).get(case_page(name, run))
    assert response.text.startswith(start)
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["Cache-Control"] == "private, no-store"
    assert not [form for secret in (KEY, PIN) for form in spellings(secret) if form in response.text]
    assert client_for(viv).get(case_page(name, run, 99)).status_code == 404
    assert client_for(viv).get(case_page(name, run, 99_999_999_999)).status_code == 404
    assert client_for(charlie).get(case_page(name, run)).status_code == 404


def test_a_case_is_sent_again_byte_for_byte(client_for, bob, webhook, finished, receiver):
    run = finished()
    remember(webhook, VALUES)
    response = client_for(bob).post(case_page("suite-case-resend", run, 3))
    again = work(SuiteRun.objects.get(kind="single"))
    assert response.url == page("suite-run", again)
    assert receiver.requests[-1].body == receiver.requests[2].body


def test_without_a_remembered_key_the_form_asks_for_it(client_for, bob, finished):
    run = finished()
    response = client_for(bob).post(case_page("suite-case-resend", run, 3), follow=True)
    assert "Enter it again" in response.text
    assert run.cases[2].event["messageId"] in response.text


def test_an_event_with_a_masked_secret_is_never_sent_with_asterisks(client_for, bob, alice, webhook, receiver):
    run = work(start_single(alice, webhook, VALUES, EVENT | {"event": f"with {KEY}"}))
    remember(webhook, VALUES)
    client = client_for(bob)
    response = client.post(case_page("suite-case-resend", run), follow=True)
    assert "A secret is missing here" in response.text
    assert client.post(page("suite-rerun", run), follow=True).status_code == 200
    assert len(receiver.requests) == 1


def test_a_case_with_a_wrong_key_is_not_sent_with_the_right_one(client_for, bob, webhook, finished, receiver):
    run = finished(groups=["bad_key"])
    remember(webhook, VALUES)
    client = client_for(bob)
    assert case_page("suite-case-resend", run) not in client.get(page("suite-run", run)).text
    sent = len(receiver.requests)
    assert "another key than yours" in client.post(case_page("suite-case-resend", run), follow=True).text
    assert len(receiver.requests) == sent


def test_wrong_json_is_shown_at_its_line(client_for, bob, webhook, app):
    text = '{\n  "type": "track",\n  "event": <b>,\n  "userId": "u"\n}'
    response = client_for(bob).post(reverse("suite-single", args=[app.slug]), FORM | {"event": text})
    assert response.status_code == 422
    wrong = re.search(r'<tr class="excerpt__wrong"><th scope="row">(\d+)</th><td><code>(.*?)</code>', response.text)
    assert wrong.groups() == ("3", "  &quot;event&quot;: &lt;b&gt;,")
    assert f"<code>{' ' * 11}^</code>" in response.text


def test_a_long_line_is_shown_around_the_mistake(client_for, bob, webhook, app):
    text = '{"type": "track", "event": "' + "x" * 3000 + '" oops}'
    response = client_for(bob).post(reverse("suite-single", args=[app.slug]), FORM | {"event": text})
    shown = re.search(r'excerpt__wrong"><th scope="row">1</th><td><code>(.*?)</code>', response.text)[1]
    assert "oops" in shown
    assert len(shown) < 250


# --- Comparing, printing, the list ------------------------------------------------------------------


def test_a_run_says_what_got_worse_since_the_one_before(client_for, viv, finished, receiver):
    first = finished()
    receiver.default = Reply(500)
    second = finished()
    client = client_for(viv)
    assert "Got worse" in client.get(page("suite-run", second)).text
    compared = client.get(page("suite-compare", second)).text
    assert compared.index("Got worse") < compared.index("A time counts")
    assert str(first.pk) in compared
    receiver.default = Reply(200)
    third = finished()
    assert "Fixed" in client.get(page("suite-compare", third)).text
    chosen = client.get(page("suite-compare", third), {"with": str(first.pk)}).text
    assert f'value="{first.pk}" selected' in chosen
    assert "Nothing got worse" in chosen
    for wrong in ("x", str(third.pk), "00000000-0000-4000-8000-000000000000"):
        assert client.get(page("suite-compare", third), {"with": wrong}).status_code == 200


def test_the_first_run_has_nothing_to_be_compared_with(client_for, viv, alice, webhook, finished):
    assert "There is no earlier run" in client_for(viv).get(page("suite-compare", finished())).text
    single = work(start_single(alice, webhook, VALUES, EVENT))
    assert client_for(viv).get(page("suite-compare", single)).status_code == 404


def test_the_report_is_complete_and_holds_no_secret(client_for, viv, finished, receiver):
    receiver.default = lambda request: Reply(200, request.head + request.body)  # echoes every secret
    run = finished()
    client = client_for(viv)
    text = client.get(page("suite-report", run)).text
    for result in run.results.all():
        assert f'id="case-{result.position}"' in text
        assert result.case_id in text
    assert "hx-get" not in text
    answer = client.get(page("suite-report-json", run))
    assert answer.json()["verdict"] == "green"
    assert [case["id"] for case in answer.json()["cases"]] == [case.id for case in run.cases]
    assert "attachment" in answer["Content-Disposition"]
    assert not [form for secret in (KEY, PIN) for form in spellings(secret) if form in text + answer.text]


def test_the_list_is_filtered(client_for, viv, finished, receiver, home):
    green = finished()
    receiver.default = Reply(500)
    red = finished()
    client = client_for(viv)

    def listed(**query):
        text = client.get(home, query).text
        return [run.pk for run in (green, red) if f'table__link" href="{page("suite-run", run)}"' in text]

    assert listed() == [green.pk, red.pk]
    assert listed(verdict="green") == [green.pk]
    assert listed(verdict="red", component="subscription_webhook") == [red.pk]
    assert listed(component="web_plugin") == []
    assert listed(verdict="nonsense", component="x", page="z") == [green.pk, red.pk]
    assert "No run matches" in client.get(home, {"verdict": "cancelled"}).text
