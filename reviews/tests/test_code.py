"""The review of an App that is made of code alone: a function and a web plugin, and no endpoint anywhere."""

import json
from html import unescape

import pytest
from django.core.management import call_command
from django.urls import reverse

from apps_catalog import code_lifecycle, drafting, lifecycle
from apps_catalog.models import App, CodeVersion, Component
from audit.models import Record
from reviews import decisions, evidence, probes, rubric, submissions
from reviews.checklist import checklist
from reviews.desk.reruns import start_rerun, targets
from reviews.desk.tests.conftest import freshly
from reviews.frozen_code import compared, frozen_code
from reviews.models import Evidence, Submission
from reviews.refusals import NotReady
from reviews.staleness import since
from reviews.states import Attested, Machine
from reviews.tests.conftest import confirm_everything, fill_access, fill_docs, fill_listing, finish_suite, pass_all
from runtime.evidence import text_digest
from testbench.models import SuiteRun

pytestmark = pytest.mark.django_db
ONE = "async function onTrack(event, settings) {\n  return 1;\n}\n"
TWO = ONE.replace("1", "2")
SCRIPT = "window.acmeDestination = () => ({});\n"
KINDS = ("subscription_function", "web_plugin")


def save(actor, component, code, **more):
    now = Component.objects.select_related("app").get(pk=component.pk)
    return code_lifecycle.save_version(actor, now, {"code": code, **more}, now.revision)


def fresh(app):
    return App.objects.get(pk=app.pk)


def prove(app, actor):
    """Each component green as it stands, and all looked at."""
    for component in app.components.all():
        finish_suite(component)
    confirm_everything(app, actor)
    return fresh(app)


@pytest.fixture
def made(app, alice):
    """An App with both kinds of code, saved as versions; nothing is proven yet."""
    lifecycle.choose_kinds(alice, app, "subscription", "function", app.revision)
    plugin = lifecycle.add_component(alice, fresh(app), "web_plugin")
    function = app.components.get(kind="subscription_function")
    save(alice, function, ONE)
    save(alice, plugin, SCRIPT, shape="remote_plugin", library_name="acmeDestination")
    fill_listing(app, alice)
    fill_docs(app, alice)
    fill_access(app, alice)
    return fresh(app)


@pytest.fixture
def ready(made, alice):
    return prove(made, alice)


@pytest.fixture
def submission(ready, alice):
    return submissions.submit(ready, alice)


@pytest.fixture
def function(made):
    return made.components.get(kind="subscription_function")


def text_of(response):
    return unescape(response.content.decode())


def page_of(client_for, rita, submission, part):
    client = freshly(client_for(rita))
    return text_of(client.get(reverse("review-submission", args=[submission.pk]) + f"?part={part}"))


# --- Before submitting ------------------------------------------------------------------------------------


def test_an_app_of_code_alone_can_be_submitted(ready):
    assert checklist(ready).blocking == []
    assert checklist(ready).item("code_saved").is_done


def test_a_draft_that_was_not_saved_as_a_version_is_still_to_save(ready, function, alice):
    code_lifecycle.save_draft(alice, function, {"code": TWO}, function.revision)
    finish_suite(Component.objects.get(pk=function.pk))
    attested = {item.value for item in Attested}
    listed = checklist(ready)
    assert {item.id for item in listed.blocking} - attested == {"code_saved"}
    assert listed.item("code_saved").reason == "The code of the subscription function is a draft. Save it as a version."
    assert "/function/" in listed.item("code_saved").url
    with pytest.raises(NotReady):
        submissions.submit(ready, alice)
    save(alice, function, TWO)
    assert checklist(ready).item("code_saved").is_done


def test_the_item_is_asked_once_for_each_app_and_never_of_a_webhook(made, app, django_assert_max_num_queries):
    with django_assert_max_num_queries(14):
        listed = checklist(made)
    assert [item.id for item in listed.items].count("code_saved") == 1
    made.components.all().delete()
    assert "code_saved" not in {item.id for item in checklist(made).items}


def test_other_code_wants_the_suite_again_and_says_so(ready, function, alice):
    save(alice, function, TWO)
    assert "Subscription function: the code changed after the last run." in checklist(ready).item("proof").reason


def test_no_rule_and_no_text_speaks_of_an_endpoint(ready, alice, client_for):
    results = rubric.judge_draft(ready)
    assert not [one for one in results if "endpoint" in f"{one.title} {one.text} {one.evidence}".lower()]
    assert {"typed_errors", "code_no_secrets", "browser_no_secrets"} <= {one.rule_id for one in results}
    about_code = [one for one in results if one.rule_id.startswith(("code_no", "browser", "typed"))]
    assert {one.machine for one in about_code} == {Machine.PERSON}
    shown = text_of(client_for(alice).get(reverse("app-submit", args=[ready.slug])))
    assert "endpoint" not in shown.lower()
    assert {target["kind"] for target in probes.targets_of_draft(ready)} == {"docs", "website", "login"}


# --- What is frozen ---------------------------------------------------------------------------------------


def test_the_evidence_names_the_code_and_what_ran(submission):
    document = json.loads(Evidence.objects.get(submission=submission).document)
    assert document["code"] == [
        {"kind": KINDS[0], "sha256": text_digest(ONE), "size": len(ONE), "shape": "", "library": ""},
        {"kind": KINDS[1], "sha256": text_digest(SCRIPT), "size": len(SCRIPT), "shape": "remote_plugin",
         "library": "acmeDestination"},
    ]  # fmt: skip
    run = submission.app.runs.first()
    SuiteRun.objects.filter(pk=run.pk).update(code=ONE)
    frozen = evidence.document_of(submission, checklist(submission.app))["runs"]
    assert text_digest(ONE) in {one["code_sha256"] for one in frozen}


def test_a_later_edit_makes_the_code_stale(submission, function, alice, client_for):
    save(alice, function, TWO)
    found = since(submission, fresh(submission.app), checklist(submission.app))
    assert found.changed == ["Component subscription_function: code"]
    assert "proof" in {item.id for item in found.again}
    shown = text_of(client_for(alice).get(reverse("app-review", args=[submission.app.slug])))
    assert "the code changed after the last run" in shown


# --- At the desk ------------------------------------------------------------------------------------------


def test_a_rerun_tests_the_submitted_code_with_the_partners_key(submission, function, alice, rita, client_for):
    save(alice, function, TWO)
    plugin = submission.app.components.get(kind="web_plugin")
    save(alice, plugin, "// other\n", shape="plugin", library_name="")
    assert {target.component.kind: target.moved for target in targets(submission)} == dict.fromkeys(KINDS, "code")
    assert "The draft has other code by now" in page_of(client_for, rita, submission, "wire")
    runs = [start_rerun(submission, rita, kind) for kind in KINDS]
    stored = [SuiteRun.objects.get(pk=run.pk) for run in runs]
    assert [(run.code, run.shape, run.library_name) for run in stored] == [
        (ONE, "", ""), (SCRIPT, "remote_plugin", "acmeDestination"),
    ]  # fmt: skip
    assert stored[0].open_secrets()[0]["apiKey"] == "key"
    assert stored[0].fingerprint == submission.app.runs.get(component=function, submission_id=None).fingerprint
    assert Component.objects.get(pk=function.pk).code == TWO
    shown = text_of(freshly(client_for(rita)).get(reverse("review-run", args=[submission.pk, runs[0].pk])))
    assert f'The submitted code, SHA-256 <code class="desk__digest">{text_digest(ONE)}' in shown
    assert "Sent to" not in shown


def test_what_stands_as_submitted_has_not_moved(submission):
    assert [target.moved for target in targets(submission)] == ["", ""]


def test_the_code_is_shown_with_numbers_and_hash(submission, rita, client_for):
    pass_all(submission, rita)
    shown = page_of(client_for, rita, submission, "code")
    assert ONE in shown
    assert ">1\n2\n3\n4</pre>" in shown
    assert text_digest(ONE) in shown
    assert "Device-mode destination script, <code>acmeDestination</code>" in shown
    assert "Nothing to compare with" in shown
    assert "Its code is deployed as you see it here." in shown
    assert "?part=code#code" in page_of(client_for, rita, submission, "version")


def test_a_webhook_has_no_code(rita, client_for, app, alice):
    lifecycle.choose_kinds(alice, app, "subscription", "webhook", app.revision)
    fill_listing(app, alice)
    fill_docs(app, alice)
    fill_access(app, alice)
    waiting = submissions.submit(prove(app, alice), alice)
    assert "There is no code in this version" in page_of(client_for, rita, waiting, "code")
    assert "endpoint_answers" in {one.rule_id for one in rubric.judge(waiting)}
    assert not [one for one in rubric.judge(waiting) if one.rule_id.startswith("code_")]


def test_only_what_changed_since_the_last_decision_is_compared(submission, function, alice, rita, client_for):
    finding = decisions.FindingDraft("test_suite", "It returns 1.", "Return 2.")
    decisions.request_changes(submission, rita, [finding])
    save(alice, function, TWO)
    again = submissions.submit(prove(fresh(submission.app), alice), alice)
    shown = page_of(client_for, rita, again, "code")
    assert "Changed since version 1, the last that was decided" in shown
    assert "1 line added, 1 removed." in shown
    assert "The same as in version 1, the last that was decided." in shown  # the plugin
    assert "1 lines" not in shown


def test_odd_lines_are_pointed_out():
    parts = [{"kind": KINDS[0], "code": "let a = 1; // \u202e\n" + "x" * 1_001}, {"kind": "subscription_webhook"}]
    (one,) = frozen_code({"components": parts})
    assert one.warnings == [
        "Characters that cannot be seen stand in line 1.",
        "Nobody reads lines as long as line 2; it may be minified.",
    ]
    (same,) = compared({"components": parts}, {"components": parts})
    assert (same.rows, same.is_handed_over_otherwise) == ([], False)


# --- Deciding ---------------------------------------------------------------------------------------------


def deployed(component):
    return Component.objects.select_related("deployed").get(pk=component.pk).deployed


def deployments():
    return [one.actor for one in Record.objects.filter(action="code.deployed") if one.data["kind"] == KINDS[0]]


def approve(app, actor, reviewer):
    waiting = Submission.objects.waiting().filter(app=app).first() or submissions.submit(prove(app, actor), actor)
    pass_all(waiting, reviewer)
    decisions.approve(waiting, reviewer)
    return waiting


def test_an_approval_deploys_the_judged_code_once_and_undo_brings_the_former_back(
    submission, function, alice, rita, settings
):
    settings.UNDO_SECONDS = 600
    app = submission.app
    approve(app, alice, rita)
    assert deployed(function).code == ONE
    save(alice, function, TWO)
    assert deployed(function).code == ONE  # customers use it: saved is not deployed
    waiting = submissions.submit(prove(fresh(app), alice), alice)
    save(alice, function, TWO + "// later\n")
    assert approve(app, alice, rita) == waiting
    assert deployed(function).code == TWO
    assert deployments() == [f"user:{rita.pk}"] * 2
    waiting.refresh_from_db()
    decisions.undo(waiting, rita)
    assert deployed(function).code == ONE
    assert CodeVersion.objects.filter(component=function).count() == 3


def test_a_decision_that_fails_deploys_nothing(submission, function, rita, monkeypatch):
    def fail(*args, **options):
        raise RuntimeError

    pass_all(submission, rita)
    monkeypatch.setattr(decisions.emails, "private_beta_approved", fail)
    with pytest.raises(RuntimeError):
        decisions.approve(submission, rita)
    assert deployed(function) is None
    assert deployments() == []


def test_a_component_that_comes_back_runs_what_was_approved_meanwhile(submission, function, alice, rita):
    drafting.remove_component(alice, function)
    approve(submission.app, alice, rita)
    assert Component.every.get(pk=function.pk).deployed.code == ONE


# --- There and back ---------------------------------------------------------------------------------------


def test_code_shape_and_library_survive_export_and_import(made, company, alice, tmp_path, capsys):
    call_command("export_app", made.slug)
    text = capsys.readouterr().out
    file = tmp_path / "app.json"
    file.write_text(text, encoding="utf-8")
    for component in made.components.all():
        save(alice, component, "// other\n", shape="plugin" if component.kind == "web_plugin" else "", library_name="")
    call_command("import_app", str(file), partner=company.slug)
    capsys.readouterr()
    call_command("export_app", made.slug)
    assert capsys.readouterr().out == text
    assert '"library_name": "acmeDestination"' in text
    assert not checklist(made).item("code_saved").is_done
