"""A draft is copied, previewed, switched on; what was in force is never edited, and old submissions keep it."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import Record
from leases.transitions import StaleState
from reviews import rubric, rubric_versions
from reviews.models import Rubric, Rule
from reviews.states import RubricState

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(adam):
    return rubric_versions.start_draft(adam, "A stricter look.")


def ids(results):
    return {result.rule_id for result in results}


def test_a_draft_starts_as_a_copy(draft, adam):
    current = Rubric.in_force()
    values = [list(one.rules.values_list(*rubric_versions.COPIED)) for one in (current, draft)]
    assert values[0] == values[1]
    assert current != draft
    with pytest.raises(ValidationError, match="draft already"):
        rubric_versions.start_draft(adam)


def test_switching_on_judges_what_comes_and_keeps_what_was(draft, submission, adam):
    former = Rubric.in_force()
    draft.rules.filter(rule_id="log_in_works").delete()
    rubric_versions.switch_on(draft, adam)
    former.refresh_from_db()
    assert (former.state, draft.state) == (RubricState.RETIRED, RubricState.IN_FORCE)
    assert "log_in_works" in ids(rubric.judge(submission))  # handed in before
    assert "log_in_works" not in ids(rubric.judge_draft(submission.app))
    assert Record.objects.filter(action="rubric.switched_on", chain__name="settings").count() == 1
    with pytest.raises(StaleState):
        rubric_versions.switch_on(draft, adam)
    assert Record.objects.filter(action="rubric.switched_on").count() == 1


def test_who_may_not_switch_on(draft, rita, alice):
    for person in (rita, alice):
        with pytest.raises(PermissionDenied):
            rubric_versions.switch_on(draft, person)
        with pytest.raises(PermissionDenied):
            rubric_versions.start_draft(person)


def test_a_rubric_that_cannot_judge_is_not_switched_on(draft, adam):
    draft.rules.filter(rule_id="logo").update(check_name="no_such_check")
    with pytest.raises(ValidationError, match="no_such_check"):
        rubric_versions.switch_on(draft, adam)
    draft.rules.all().delete()
    with pytest.raises(ValidationError, match="at least one"):
        rubric_versions.switch_on(draft, adam)


def test_the_preview_says_which_verdicts_change(draft, submission):
    assert rubric_versions.preview(draft).changes == []
    draft.rules.filter(rule_id="launch").update(severity="blocking")
    draft.rules.filter(rule_id="mark").update(severity="advice")  # it passes either way
    draft.rules.filter(rule_id="logo").delete()
    Rule.objects.create(rubric=draft, rule_id="brand_new", step="log_in", title="New", applies_from="2999-01-01")
    found = rubric_versions.preview(draft)
    changed = {change.rule_id: (change.before, change.after) for change in found.changes}
    assert set(changed) == {"launch", "logo", "brand_new"}
    assert (changed["launch"][0].machine, changed["launch"][1].machine) == ("warn", "fail")
    assert changed["logo"][1] is None
    assert changed["brand_new"][0] is None
    assert (len(found.submissions), found.newly_blocked) == (1, 1)


def test_the_preview_takes_a_constant_number_of_queries(draft, submission):
    with CaptureQueriesContext(connection) as none:
        rubric_versions.preview(draft, count=0)
    with CaptureQueriesContext(connection) as one:
        rubric_versions.preview(draft)
    assert len(one) <= 7
    assert len(none) <= len(one)


# --- In the admin ----------------------------------------------------------------------------------------


def form_of(page):
    """What the browser would send back."""
    data = {"note": page.context["adminform"].form.initial.get("note", "")}
    for formset in page.context["inline_admin_formsets"]:
        for form in [formset.formset.management_form, *formset.formset.forms]:
            data |= {field.html_name: field.value() if field.value() is not None else "" for field in form}
    return data


def test_an_administrator_drafts_edits_previews_and_switches_on(adam, submission, client_for):
    client = client_for(adam)
    added = client.post(reverse("admin:reviews_rubric_add"), {"note": "Stricter"})
    draft = Rubric.objects.get(state=RubricState.DRAFT)
    change = reverse("admin:reviews_rubric_change", args=[draft.pk])
    assert (added.status_code, added.url, draft.note) == (302, change, "Stricter")
    data = form_of(client.get(change))
    data |= {"rules-0-title": "Another title", "rules-0-canned": "One reason.\n\n Another one. "}
    saved = client.post(change, data)
    assert saved.status_code == 302, saved.context and saved.context["errors"]
    rule = draft.rules.get(rule_id="test_account")
    assert (rule.title, rule.canned) == ("Another title", ["One reason.", "Another one."])
    page = client.get(reverse("admin:reviews_rubric_preview", args=[draft.pk])).content.decode()
    assert "No verdict would change" in page
    assert "Switch on" in page
    on = client.post(reverse("admin:reviews_rubric_switch_on", args=[draft.pk]))
    assert on.status_code == 302
    assert Rubric.in_force() == draft
    assert client.post(change, data).status_code == 403
    again = client.post(reverse("admin:reviews_rubric_switch_on", args=[draft.pk]), follow=True)
    assert "Nothing was changed" in again.content.decode()


def test_reviewers_look_and_change_nothing(rita, draft, client_for):
    client = client_for(rita)
    assert client.get(reverse("admin:reviews_rubric_preview", args=[draft.pk])).status_code == 200
    assert client.get(reverse("admin:reviews_rubric_change", args=[draft.pk])).status_code == 200
    assert client.post(reverse("admin:reviews_rubric_switch_on", args=[draft.pk])).status_code == 403
    assert client.post(reverse("admin:reviews_rubric_change", args=[draft.pk]), {}).status_code == 403
    draft.refresh_from_db()
    assert draft.is_draft
