"""What a submission freezes, where its digest is quoted, and how ops take it away and check it."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from apps_catalog import lifecycle
from apps_catalog.models import App
from audit.models import Record
from reviews import decisions, submissions
from reviews.checklist import checklist
from reviews.evidence import document_of
from reviews.models import Evidence, Submission
from reviews.staleness import since
from runtime import evidence
from testbench.models import CaseResult, SuiteRun
from tests.world import add_results

pytestmark = pytest.mark.django_db


def run(name: str, *options: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command(name, *options, stdout=out, stderr=StringIO())
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


@pytest.fixture
def proven(ready: App) -> App:
    """Ready, and its suite run has results with exchanges."""
    add_results(ready.runs.get(), 9)
    return ready


@pytest.fixture
def frozen(proven: App, alice) -> Evidence:
    return submissions.submit(proven, alice, "First version.").frozen


def test_a_submission_freezes_all_that_it_rests_on(frozen):
    document = json.loads(frozen.document)
    made = frozen.submission
    assert document["manifest"] == made.version.manifest
    about = document["submission"]
    assert (about["app"], about["version"], about["note"]) == ("acme-analytics", 1, "First version.")
    assert document["submission"]["policy"]["review_days"] == "3"
    assert {asset["name"] for asset in document["assets"]} == {"logo_svg", "mark_svg"}
    proof = next(line for line in document["checklist"] if line["item"] == "proof")
    assert (proof["state"], proof["text"]) == ("done", "Every component green or yellow in the Test Suite")
    (one,) = document["runs"]
    assert [result["case_id"] for result in one["results"]] == [f"core.{number}" for number in range(1, 10)]
    assert one["results"][0]["request"]["start_line"] == "POST / HTTP/1.1"
    assert one["results"][0]["response"]["status"] == 200


def test_the_digest_is_of_the_stored_text_and_on_the_submission(frozen):
    document = json.loads(frozen.document)
    assert evidence.canonical(document) == frozen.document
    assert frozen.digest == evidence.digest(document) == frozen.submission.evidence_digest
    assert "alice" not in frozen.document


def test_records_of_the_submission_and_of_its_decision_quote_the_digest(frozen, rita):
    decisions.reject(frozen.submission, rita, "No.")
    quoted = Record.objects.filter(action__in=["submission.submitted", "submission.rejected"])
    assert [record.data["evidence"] for record in quoted] == [frozen.digest] * 2


def test_the_review_page_quotes_the_digest(frozen, alice, client_for):
    page = client_for(alice).get("/apps/acme-analytics/review/").content.decode()
    assert frozen.digest in page


def test_later_runs_and_edits_change_nothing_in_it(frozen, alice):
    before = frozen.document
    app = App.objects.get(slug="acme-analytics")
    lifecycle.save_listing(alice, app, {"website": "https://new.acme.example"}, app.listing.revision)
    CaseResult.objects.update(message="Something else.")
    frozen.refresh_from_db()
    assert frozen.document == before


def test_freezing_costs_the_same_with_many_results(proven, alice, django_assert_max_num_queries):
    made, listed = submissions.submit(proven, alice), checklist(proven)
    add = SuiteRun.objects.get()
    CaseResult.objects.all().delete()
    add_results(add, 60)
    made = Submission.objects.select_related("version", "policy", "app").get(pk=made.pk)
    with django_assert_max_num_queries(2):
        assert len(document_of(made, listed)["runs"][0]["results"]) == 60


# --- The commands ------------------------------------------------------------------------------------------


def test_an_exported_file_is_verified_and_an_altered_one_is_named(frozen, tmp_path):
    file = tmp_path / "evidence.json"
    assert run("export_evidence", str(frozen.submission_id), "--output", str(file), "--json")[0] == 0
    code, said = run("verify_evidence", str(file), "--json")
    assert (code, json.loads(said)["digest"], json.loads(said)["faults"]) == (0, frozen.digest, [])

    file.write_text(file.read_text().replace("First version.", "Another one."))
    code, said = run("verify_evidence", str(file))
    assert code == 1
    assert "“submission” was altered" in said


def test_without_a_file_it_goes_to_stdout(frozen):
    found = evidence.read(run("export_evidence", str(frozen.submission_id))[1])
    assert (found["digest"], evidence.faults(found)) == (frozen.digest, [])


def test_what_cannot_be_read_or_found_is_said(tmp_path):
    with pytest.raises(CommandError, match="no evidence"):
        call_command("export_evidence", "00000000-0000-0000-0000-000000000000")
    with pytest.raises(CommandError, match=r"no\.json") as refused:
        call_command("verify_evidence", str(tmp_path / "no.json"))
    assert refused.value.returncode == 2


def test_verifying_asks_no_database(frozen, tmp_path, django_assert_num_queries):
    file = tmp_path / "evidence.json"
    run("export_evidence", str(frozen.submission_id), "--output", str(file))
    with django_assert_num_queries(0):
        assert run("verify_evidence", str(file))[0] == 0


# --- What goes stale ----------------------------------------------------------------------------------------


def staleness(frozen):
    app = App.objects.get(slug="acme-analytics")
    made = Submission.objects.get(pk=frozen.submission_id)
    return since(made, app, checklist(app))


def test_nothing_is_stale_right_after_submitting(frozen):
    assert not staleness(frozen)


def test_an_edited_listing_wants_a_new_look_at_the_entry(frozen, alice):
    app = App.objects.get(slug="acme-analytics")
    lifecycle.save_listing(alice, app, {"website": "https://new.acme.example"}, app.listing.revision)
    found = staleness(frozen)
    assert found.changed == ["Listing: website"]
    assert [item.id for item in found.again] == ["entry_looked_at"]


def test_a_new_endpoint_wants_the_suite_and_the_tests_again(frozen, alice, client_for):
    app = App.objects.get(slug="acme-analytics")
    component = app.components.get()
    lifecycle.set_endpoint(alice, component, "https://other.acme.example/segment", component.revision)
    found = staleness(frozen)
    assert found.changed == ["Component subscription_webhook: endpoint"]
    assert {"proof", "data_seen", "sdk_tested", "data_seen_again"} <= {item.id for item in found.again}
    page = client_for(alice).get("/apps/acme-analytics/review/").content.decode()
    assert "Your draft is no longer what you submitted" in page
    assert "the endpoint changed after the last run" in page
