"""One judge: the same rules before and after submitting, in a constant number of queries; docs and seed together."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps_catalog import lifecycle
from devcenter.docs.pages import anchor, load
from reviews import attestations, rubric, submissions
from reviews.checklist import AFTER_WORK, checklist
from reviews.models import Rubric, Rule, Submission
from reviews.preflight import preflight
from reviews.refusals import NotReady
from reviews.rubric_checks import ITEMS, REGISTRY, Found, error_messages, https_endpoint, status_codes
from reviews.rubric_seen import Seen, SeenCase
from reviews.states import Attested, ReviewStep
from testbench.models import CaseResult

pytestmark = pytest.mark.django_db
TEXT = (Path(__file__).resolve().parents[2] / "docs" / "review.md").read_text(encoding="utf-8")


def found(results, rule_id):
    return next(result for result in results if result.rule_id == rule_id)


def add_case(run, group, verdict, status=200, message="Fine."):
    CaseResult.objects.create(
        run=run, position=run.results.count() + 1, case_id=f"{group}-x", group=group, type="track", name="A case",
        verdict=verdict, status=status, message=message,
    )  # fmt: skip


# --- The seed and the docs -------------------------------------------------------------------------------


def test_docs_and_seed_are_the_same_rules():
    rules = list(Rubric.in_force().rules.all())
    written = re.findall(r"^### ([a-z0-9_]+)$", TEXT, re.MULTILINE)
    assert written == [rule.rule_id for rule in rules]
    html = load("review").html
    for rule in rules:
        section = TEXT.split(f"\n### {rule.rule_id}\n", 1)[1].split("\n#", 1)[0]
        assert rule.title in section
        assert rule.text in section
        assert ("Advice" if rule.severity == "advice" else "Blocking") in section
        assert f'id="{anchor(rule.rule_id)}"' in html


def test_the_seed_covers_every_step_and_names_real_checks():
    rules = list(Rubric.in_force().rules.all())
    for rule in rules:
        rule.full_clean()
    assert {rule.step for rule in rules} == set(ReviewStep.values)
    assert {rule.check_name for rule in rules if rule.check_name} == set(REGISTRY)
    assert all(rule.canned for rule in rules)


def test_every_item_that_stops_a_partner_is_a_rule_or_of_the_way_in(app, alice):
    lifecycle.add_component(alice, app, "subscription_function")
    of_the_way_in = {"survey", "agreements", "app_created"}
    work = [item for step in checklist(app).steps if step.id not in AFTER_WORK for item in step.items]
    assert {item.id for item in work if item.kind in ("m", "a")} - of_the_way_in == set(ITEMS)


# --- Judging ---------------------------------------------------------------------------------------------


def test_a_draft_fails_where_its_checklist_is_open_and_leads_there(app):
    result = found(rubric.judge_draft(app), "docs_partner")
    assert (result.machine, result.blocks) == ("fail", True)
    assert "/docs/" in result.evidence_url
    assert found(rubric.judge_draft(app), "launch").machine == "warn"  # advice


def test_partner_and_reviewer_see_the_same(ready, alice):
    draft = {result.rule_id: (result.machine, result.evidence) for result in rubric.judge_draft(ready)}
    submission = submissions.submit(ready, alice)
    frozen = {result.rule_id: (result.machine, result.evidence) for result in rubric.judge(submission)}
    different = {rule_id for rule_id in draft if draft[rule_id] != frozen[rule_id]}
    assert different == {"suite_with_test_key"}  # what the reviewer does says so in other words
    assert not [result for result in rubric.judge(submission) if result.blocks]


def test_later_edits_do_not_change_what_was_judged(submission, alice):
    before = rubric.judge(submission)
    submission.app.attestations.all().delete()
    assert rubric.judge(submission) == before


def test_results_of_the_suite_count(submission):
    run = submission.app.runs.get()
    add_case(run, "deletion", "yellow", 501)
    add_case(run, "bad_key", "red", 200)
    results = rubric.judge(submission)
    assert found(results, "deletion").machine == "warn"
    assert found(results, "refuses_bad_key").machine == "warn"


def test_a_rule_applies_from_its_day(submission):
    rule = Rubric.in_force().rules.get(rule_id="log_in_works")
    day = rubric.day_of(submission.submitted_at)
    Rule.objects.filter(pk=rule.pk).update(applies_from=day + timedelta(days=1))
    assert "log_in_works" not in {result.rule_id for result in rubric.judge(submission)}
    Rule.objects.filter(pk=rule.pk).update(applies_from=day)
    assert "log_in_works" in {result.rule_id for result in rubric.judge(submission)}


def test_a_blocking_rule_stands_in_the_way_of_submitting(ready, alice):
    Rule.objects.filter(rule_id="launch").update(severity="blocking")
    with pytest.raises(NotReady) as refusal:
        submissions.submit(ready, alice)
    assert [broken.rule_id for broken in refusal.value.items] == ["launch"]
    assert not Submission.objects.exists()


def test_a_check_that_is_gone_is_left_to_a_person(submission):
    Rule.objects.filter(rule_id="logo").update(check_name="no_such_check")
    assert found(rubric.judge(submission), "logo").machine == "person"


def test_a_submission_from_before_the_checklist_was_frozen_is_left_to_a_person(submission):
    submission.evidence = {}
    assert found(rubric.judge(submission), "logo").machine == "person"


def test_judging_takes_a_constant_number_of_queries(submission, alice):
    def queries(call):
        with CaptureQueriesContext(connection) as seen:
            call()
        return len(seen)

    few = queries(lambda: rubric.judge(submission)), queries(lambda: rubric.judge_draft(submission.app))
    run = submission.app.runs.get()
    for _ in range(5):
        add_case(run, "core", "green")
        rule = Rubric.in_force().rules.first()
        Rule.objects.create(rubric=rule.rubric, rule_id=f"more_{Rule.objects.count()}", step="log_in", title="More")
    many = queries(lambda: rubric.judge(submission)), queries(lambda: rubric.judge_draft(submission.app))
    assert few == many
    assert few[0] <= 6
    assert few[1] <= 26


# --- The pre-flight --------------------------------------------------------------------------------------


def test_the_preflight_lists_nothing_twice(app, alice):
    listed = checklist(app)
    flight = preflight(app, listed)
    named = {result.check_name for result in flight.blocking}
    assert named | {item.id for item in flight.open_items} >= {item.id for item in listed.blocking}
    assert not named & {item.id for item in flight.open_items}


def test_advice_that_the_checklist_insists_on_is_listed_beside_the_rules(ready):
    ready.attestations.filter(item=Attested.DATA_SEEN).delete()
    Rule.objects.filter(rule_id="data_seen").update(severity="advice")
    flight = preflight(ready, checklist(ready))
    assert [item.id for item in flight.open_items] == ["data_seen"]
    attestations.attest(ready, ready.company.memberships.get(role="owner").user, Attested.DATA_SEEN)
    assert preflight(ready, checklist(ready)).in_the_way == 0


# --- Checks ----------------------------------------------------------------------------------------------


def seen(**values):
    return Seen(**({"items": {}, "manifest": {}} | values))


@pytest.mark.parametrize(
    ("check", "look", "machine"),
    [
        (https_endpoint, seen(), "none"),
        (https_endpoint, seen(manifest={"components": [{"endpoint": "https://acme.example/in"}]}), "pass"),
        (https_endpoint, seen(manifest={"components": [{"endpoint": "http://acme.example/in"}]}), "warn"),
        (status_codes, seen(cases=[SeenCase("core", "green", 202, "A page", "")]), "pass"),
        (status_codes, seen(cases=[SeenCase("core", "red", 418, "A page", "")]), "warn"),
        (error_messages, seen(cases=[SeenCase("core", "green", 200, "A page", "")]), "none"),
        (error_messages, seen(cases=[SeenCase("core", "red", 400, "A page", "Refused.")]), "warn"),
        (error_messages, seen(cases=[SeenCase("core", "red", 400, "A", "The endpoint said: “No.”")]), "pass"),
    ],
)
def test_checks_of_the_contract(check, look, machine):
    result: Found = check(look)
    assert result.machine == machine
    assert result.evidence


def test_before_the_first_version_the_first_one_counts():
    assert Rubric.in_force(timezone.now() - timedelta(days=4_000)) == Rubric.in_force()
