import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from accounts.models import User
from apps_catalog.drafting import StaleDraft
from notifications.models import Notice, OutboxMessage
from partners.export import company_data
from planning import lifecycle, team
from planning.leaving import data_of
from planning.models import Plan
from planning.tests.conftest import PLAN
from planning.words import look_of

pytestmark = pytest.mark.django_db


def mails(kind):
    return sorted(OutboxMessage.objects.filter(kind=kind).values_list("recipient", flat=True))


def test_asking_tells_the_reviewers_once(planned, alice, rita, adam):
    assert team.ask_for_look(alice, planned)
    assert not team.ask_for_look(alice, planned)
    assert rita.email in mails("plan_to_look_at")
    assert len(mails("plan_to_look_at")) == len(set(mails("plan_to_look_at")))
    look = look_of(Plan.objects.get(app=planned))
    assert look.is_waiting
    assert look.due_at > timezone.now()


def test_without_a_plan_there_is_nothing_to_look_at(by_pull, alice):
    with pytest.raises(ValidationError, match="nothing to look at"):
        team.ask_for_look(alice, by_pull)


def test_having_looked_tells_the_partner_once_for_each_plan(planned, alice, bob, viv, rita):
    team.ask_for_look(alice, planned)
    assert look_at(planned, rita)
    assert not look_at(planned, rita)
    assert mails("plan_looked_at") == [alice.email, bob.email]
    plan = Plan.objects.get(app=planned)
    assert look_of(plan).word == "Looked at"
    lifecycle.save_plan(alice, planned, {**PLAN, "summary": "Else."}, plan.revision)
    assert look_of(Plan.objects.get(app=planned)).word == "Changed since"
    assert team.ask_for_look(alice, planned)
    assert look_at(planned, rita)
    assert len(mails("plan_looked_at")) == 4


def look_at(app, actor):
    """As it stands now."""
    return team.looked(actor, app, Plan.objects.get(app=app).revision)


def test_nobody_agrees_to_a_plan_that_they_have_not_seen(planned, alice, rita):
    seen = Plan.objects.get(app=planned).revision
    lifecycle.save_plan(alice, planned, {**PLAN, "summary": "Else."}, seen)
    with pytest.raises(StaleDraft):
        team.looked(rita, planned, seen)
    assert Plan.objects.get(app=planned).looked_at is None
    assert mails("plan_looked_at") == []
    assert team.looked(rita, planned, seen + 1)


def test_what_the_team_says_goes_to_the_partner_and_back(planned, alice, bob, rita, adam):
    comment = team.say(rita, planned, "auth", "Where does the key go?")
    assert comment.is_segment
    assert mails("plan_comment") == [alice.email, bob.email]
    answer = team.say(bob, planned, "auth", "Into a header.")
    assert not answer.is_segment
    # Of the team only who took part.
    assert mails("plan_comment") == sorted([alice.email, bob.email, rita.email])
    assert Notice.objects.filter(user=rita).get().url == "/apps/acme-analytics/plan/#talk-auth"


def test_saying_the_same_twice_is_saying_it_once(planned, rita):
    first = team.say(rita, planned, "auth", "Where does the key go?")
    assert team.say(rita, planned, "auth", "Where does the key go?") == first


@pytest.mark.parametrize(("section", "key"), [("auth", "sendOrder"), ("action", ""), ("action", "gone"), ("else", "")])
def test_a_comment_is_about_a_part_of_the_plan(planned, rita, section, key):
    with pytest.raises(ValidationError):
        team.say(rita, planned, section, "Why?", key)


@pytest.mark.parametrize("role", ["viv", "charlie", "carol"])
def test_who_may_not_talk(planned, role, request):
    actor = request.getfixturevalue(role)
    with pytest.raises(PermissionDenied):
        team.say(actor, planned, "plan", "Hello")
    with pytest.raises(PermissionDenied):
        team.looked(actor, planned, 0)


def test_a_reviewer_of_the_company_itself_does_not_speak_for_the_team(planned, rita, company):
    company.memberships.create(user=rita, role="developer")
    with pytest.raises(PermissionDenied):
        team.looked(rita, planned, 0)
    assert not team.say(rita, planned, "plan", "Hello").is_segment


def test_settling_happens_once(planned, alice, rita):
    comment = team.say(rita, planned, "plan", "Why?")
    assert team.settle(alice, comment)
    assert not team.settle(rita, comment)


def test_comments_stay_without_their_author(planned, rita, company):
    team.say(rita, planned, "plan", "Why?")
    assert data_of(rita) == [
        {"app": "acme-analytics", "section": "plan", "action": "", "by_segment": True, "text": "Why?",
         "at": planned.plan.comments.get().at.isoformat()}
    ]  # fmt: skip
    User.objects.filter(pk=rita.pk).delete()
    assert planned.plan.comments.get().author is None
    [plan] = company_data(company)["plans"]
    assert plan["comments"][0]["text"] == "Why?"
    assert plan["summary"] == PLAN["summary"]
