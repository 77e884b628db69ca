"""Running the draft from beside its editor: saved first, started once, and nothing lost when it is refused."""

import json
from html import unescape

import pytest
from django.urls import reverse

from apps_catalog import lifecycle
from apps_catalog.models import Component
from apps_catalog.states import ComponentKind
from runtime.functions.logs import SHOWN_BYTES, as_text, first_part
from runtime.samples import suite_cases
from testbench.models import CaseResult, SuiteRun
from testbench.states import RunKind
from testbench.tests.runs import KEY
from testbench.values import remember, remembered

pytestmark = pytest.mark.django_db

EVENT = {"type": "track", "event": "Signed up", "userId": "user-1"}
HTMX = {"HTTP_HX_REQUEST": "true"}
CODE = "async function onTrack() { return 1; }"
SAMPLE = suite_cases()[1].id


@pytest.fixture
def function(app, alice):
    return lifecycle.add_component(alice, app, ComponentKind.SUBSCRIPTION_FUNCTION)


@pytest.fixture
def address(app, function):
    return reverse("suite-try", args=[app.slug, "function"])


@pytest.fixture
def editor(app, function):
    return reverse("app-component-function", args=[app.slug])


def sent(**changed):
    return {"revision": 0, "code": CODE, "do": "try", "event": json.dumps(EVENT), "apiKey": KEY, **changed}


def draft():
    component = Component.objects.get(kind=ComponentKind.SUBSCRIPTION_FUNCTION)
    return component.code, component.revision


def text_of(answer):
    return unescape(answer.content.decode())


def test_the_draft_is_saved_and_run_with_the_event(client_for, bob, address):
    answer = client_for(bob).post(address, sent(), **HTMX)
    run = SuiteRun.objects.get()
    assert (answer.status_code, answer["Draft-Revision"], draft()) == (200, "1", (CODE, 1))
    assert (run.kind, run.code, run.open_secrets()) == (RunKind.SINGLE, CODE, ({"apiKey": KEY}, EVENT))
    assert f'hx-get="{reverse("suite-live", args=[run.app.slug, run.pk])}' in text_of(answer)
    assert "<html" not in text_of(answer)


def test_without_scripts_the_button_leads_to_the_run_and_keeps_the_values_if_told_to(client_for, bob, address):
    answer = client_for(bob).post(address, sent(remember="on"))
    run = SuiteRun.objects.get()
    assert (answer.status_code, answer.url) == (303, reverse("suite-run", args=[run.app.slug, run.pk]))
    assert remembered(run.component) == {"apiKey": KEY}


def test_all_event_types_are_a_run_of_the_suite(client_for, bob, address):
    client_for(bob).post(address, sent(sample="all", event=""), **HTMX)
    run = SuiteRun.objects.get()
    assert (run.kind, run.covers_required) == (RunKind.SUITE, True)


def test_a_double_click_is_one_run(client_for, bob, address):
    client = client_for(bob)
    first, second = (client.post(address, sent(), **HTMX) for _ in range(2))
    assert (first.status_code, second.status_code, SuiteRun.objects.count()) == (200, 200, 1)
    assert "under way already" in text_of(second)
    assert draft() == (CODE, 1)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"event": '{"type": "track",}'}, "line 1, column"),
        ({"apiKey": ""}, "Enter the API key"),
        ({"code": " "}, "Write the code"),
        ({"note": "x" * 999}, "at most"),
    ],
)
def test_a_refused_run_saves_nothing_and_everything_typed_is_still_there(
    client_for, bob, address, editor, function, wrong, said
):
    answer = client_for(bob).post(address, sent(**{"code": f"{CODE} // typed", **wrong}))
    text = text_of(answer)
    assert (answer.status_code, SuiteRun.objects.count(), draft()) == (422, 0, (function.code, 0))
    assert said.lower() in text.lower()
    assert f'action="{editor}"' in text
    assert 'name="revision" value="0"' in text
    assert all(str(value) in text for name, value in sent(**wrong).items() if name in ("event", "apiKey", "note"))
    assert wrong.get("code") or "// typed" in text


def test_to_htmx_a_refusal_is_the_fields_alone_in_their_place(client_for, bob, address):
    answer = client_for(bob).post(address, sent(event="{"), **HTMX)
    assert (answer.status_code, answer["HX-Retarget"], answer["HX-Reswap"]) == (422, "#code-try", "outerHTML")
    assert answer.content.strip().startswith(b"<fieldset")
    assert "Draft-Revision" not in answer


def test_a_newer_draft_is_a_conflict_with_both_versions(client_for, bob, address, function):
    client = client_for(bob)
    client.post(reverse("app-component-function", args=[function.app.slug]), {"revision": 0, "code": "// theirs"})
    assert client.post(address, sent(), **HTMX).status_code == 409
    answer = client.post(address, sent())
    assert answer.status_code == 409
    assert all(part in text_of(answer) for part in ("// theirs", CODE, 'name="revision" value="1"', "Signed up"))
    assert SuiteRun.objects.count() == 0


def test_a_sample_is_loaded_with_and_without_scripts(client_for, bob, address, editor):
    client = client_for(bob)
    part = client.get(address, {"sample": SAMPLE}, **HTMX)
    assert suite_cases()[1].event["type"] in text_of(part)
    assert b"<textarea" not in client.get(address, {"sample": "all"}).content
    answer = client.post(address, sent(do="load", sample=SAMPLE, event="", apiKey=""))
    assert answer.url == f"{editor}?sample={SAMPLE}#code-try"
    assert draft() == (CODE, 1)
    assert f'value="{SAMPLE}" selected' in client.get(answer.url).content.decode()


def test_the_page_asks_for_the_key_once_and_never_shows_it(client_for, bob, viv, editor, function):
    client = client_for(bob)
    assert 'details class="fold" open' in client.get(editor).content.decode()
    remember(function, {"apiKey": KEY})
    text = client.get(editor).content.decode()
    assert "data-code-try-run" in text
    assert f'value="{suite_cases()[0].id}" selected' in text
    assert 'details class="fold" open' not in text
    assert KEY not in text
    assert "data-code-try" not in client_for(viv).get(editor).content.decode()


def test_others_cannot_run_or_look(client_for, viv, charlie, address):
    assert [client_for(who).post(address, sent()).status_code for who in (viv, charlie)] == [403, 404]
    assert SuiteRun.objects.count() == 0


def test_the_full_log_is_a_text_of_its_own(client_for, bob, viv, charlie, address):
    client_for(bob).post(address, sent(), **HTMX)
    run = SuiteRun.objects.get()
    lines = [{"level": "log", "text": f"line {number} " + "x" * 90} for number in range(99)]
    details = {"kind": "function", "logs": [*lines, {"level": "error", "text": "the last <b>"}], "calls": []}
    case = run.cases[0]
    CaseResult.objects.create(run=run, position=1, case_id=case.id, group=case.group, type=case.type, name=case.name,
                              verdict="green", details=details)  # fmt: skip
    where = reverse("suite-case-log", args=[run.app.slug, run.pk, 1])
    shown = text_of(client_for(viv).get(reverse("suite-run", args=[run.app.slug, run.pk])))
    assert where in shown
    assert ("line 1 " in shown, "the last" in shown) == (True, False)
    answer = client_for(viv).get(where)
    assert answer["Content-Type"].startswith("text/plain")
    assert answer.content.decode().endswith("error: the last <b>\n")
    assert client_for(charlie).get(where).status_code == 404


def test_the_first_part_of_a_log_never_breaks_a_character():
    lines = [{"level": "log", "text": "é" * 3000}, {"level": "log", "text": "more"}]
    [first] = first_part(lines)
    assert first["text"] == "é" * (SHOWN_BYTES // 2)
    assert first_part([]) == []
    assert as_text([{"level": "warn", "text": "careful"}]) == "warn: careful\n"
