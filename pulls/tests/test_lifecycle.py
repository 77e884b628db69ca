"""One pull request belongs to one App: who claims it, who is refused, and who lets it go."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps_catalog.drafting import StaleDraft
from apps_catalog.lifecycle import add_component, create_app, remove_component
from apps_catalog.versions import freeze
from audit.models import Record
from pulls import lifecycle
from pulls.models import PullRequest, Repository
from pulls.signals import claim_released, pull_changed
from pulls.standing import of_app, snapshot
from pulls.tests.telling import REPOSITORY, Teller
from tests.racing import at_once

pytestmark = pytest.mark.django_db
ADDRESS = f"https://github.com/{REPOSITORY}/pull"


@pytest.fixture
def rival_app(charlie, other_company):
    app = create_app(charlie, other_company, "Rival Sight")
    add_component(charlie, app, "actions_destination")
    return app


@pytest.fixture
def heard():
    told = []

    def listen(sender, pull, before, **_):
        told.append(pull.app.slug if before == snapshot(pull) else "changed")

    pull_changed.connect(listen)
    yield told
    pull_changed.disconnect(listen)


def named(app) -> str:
    return lifecycle.component_of(app).pull_request


@pytest.mark.parametrize("form", ["{}/7", " {}/7/files ", "{}/7#issuecomment-1", "{}/7/?a=b"])
def test_any_form_of_the_address_names_it(pull_app, alice, repository, form, heard):
    pull = lifecycle.link(alice, pull_app, form.format(ADDRESS))
    assert (pull.number, pull.app, pull.linked_by, pull.is_seen) == (7, pull_app, alice, False)
    assert named(pull_app) == f"{ADDRESS}/7"
    assert of_app(pull_app) == pull
    assert heard == [pull_app.slug]


def test_linking_again_changes_nothing(linked, pull_app, alice, heard):
    records = Record.objects.count()
    assert lifecycle.link(alice, pull_app, linked.url) == linked
    assert (Record.objects.count(), heard) == (records, [])


@pytest.mark.parametrize(
    ("address", "text"),
    [
        ("", "no address of a pull request"),
        ("https://github.com/partner/destinations/issues/7", "no address of a pull request"),
        ("https://github.com.evil.example/partner/destinations/pull/7", "no address of a pull request"),
        ("https://github.com/partner/destinations/pull/٧", "no address of a pull request"),
        (f"{ADDRESS}/0", "no address of a pull request"),
        ("https://github.com/somebody/else/pull/7", f"Open yours against {REPOSITORY} or segmentio/"),
    ],
)
def test_other_addresses_are_refused_in_words(pull_app, alice, repository, address, text):
    with pytest.raises(ValidationError, match=text):
        lifecycle.link(alice, pull_app, address)
    assert not PullRequest.objects.exists()


def test_a_pull_request_belongs_to_one_app(linked, rival_app, charlie, pull_app, alice, rita):
    with pytest.raises(ValidationError, match="linked to another App"):
        lifecycle.link(charlie, rival_app, linked.url)
    assert named(rival_app) == ""
    with pytest.raises(PermissionDenied):
        lifecycle.release_claim(alice, linked)
    assert lifecycle.release_claim(rita, linked)
    assert not lifecycle.release_claim(rita, linked)
    assert lifecycle.link(charlie, rival_app, linked.url).app == rival_app
    # The first App's draft says what it said, and is not linked.
    assert (named(pull_app), of_app(pull_app)) == (linked.url, None)


def test_whoever_relies_on_a_claim_hears_that_it_is_gone(linked, pull_app, rita, heard):
    told = []

    def listen(sender, pull, app, actor, **_):
        told.append((pull.pk, pull.app, app, actor, of_app(app)))

    claim_released.connect(listen)
    try:
        lifecycle.release_claim(rita, linked)
        lifecycle.release_claim(rita, linked)
    finally:
        claim_released.disconnect(listen)
    assert told == [(linked.pk, None, pull_app, rita, None)]
    assert heard == []


def test_a_claim_that_cannot_be_told_stays(linked, pull_app, rita):
    def fail(**_):
        raise RuntimeError

    claim_released.connect(fail)
    try:
        with pytest.raises(RuntimeError):
            lifecycle.release_claim(rita, linked)
    finally:
        claim_released.disconnect(fail)
    assert of_app(pull_app) == linked


@pytest.mark.parametrize("is_watched", [True, False])
def test_a_claim_is_released_behind_the_locks_of_the_repository_and_then_the_app(linked, repository, rita, is_watched):
    """Whatever applies GitHub's word takes them in this order; another one would wait for each other."""
    Repository.objects.update(is_watched=is_watched)
    with CaptureQueriesContext(connection) as asked:
        assert lifecycle.release_claim(rita, linked)
    mark = "FOR UPDATE" if connection.features.has_select_for_update else "SELECT"
    tables = [query["sql"].split('FROM "')[1].split('"')[0] for query in asked if mark in query["sql"]]
    assert tables.index("pulls_repository") < tables.index("apps_catalog_app")


def test_an_app_without_such_a_part_links_nothing(app, alice, repository):
    with pytest.raises(ValidationError, match="under Components"):
        lifecycle.link(alice, app, f"{ADDRESS}/1")


@pytest.mark.parametrize("who", ["viv", "charlie", "rita"])
def test_only_editors_link_and_unlink(linked, pull_app, who, request):
    person = request.getfixturevalue(who)
    for act in (lambda: lifecycle.link(person, pull_app, f"{ADDRESS}/2"), lambda: lifecycle.unlink(person, pull_app)):
        with pytest.raises(PermissionDenied):
            act()


def test_an_old_form_changes_nothing(linked, pull_app, alice):
    with pytest.raises(StaleDraft):
        lifecycle.link(alice, pull_app, f"{ADDRESS}/2", revision=0)
    assert of_app(pull_app) == linked
    assert not PullRequest.objects.filter(number=2).exists()


def test_what_was_never_handed_in_is_free_again(linked, pull_app, alice):
    lifecycle.link(alice, pull_app, f"{ADDRESS}/2")
    linked.refresh_from_db()
    assert linked.app is None
    assert lifecycle.unlink(alice, pull_app)
    assert not lifecycle.unlink(alice, pull_app)
    assert (named(pull_app), PullRequest.objects.filter(app=pull_app).count()) == ("", 0)


def test_what_was_handed_in_stays_with_the_app(linked, pull_app, alice):
    freeze(pull_app, alice)
    lifecycle.link(alice, pull_app, f"{ADDRESS}/2")
    linked.refresh_from_db()
    assert linked.app == pull_app
    assert of_app(pull_app).number == 2


def test_merged_pull_requests_cannot_be_collected(pull_app, rival_app, alice, charlie, repository):
    """Neither by naming one after the other, nor with a new component for each."""
    teller = Teller(pulls=3)
    for number in (1, 2, 3):
        teller.merge(number)
    teller.catch_up()
    for number in (1, 2):
        lifecycle.link(alice, pull_app, f"{ADDRESS}/{number}")
    remove_component(alice, lifecycle.component_of(pull_app))
    add_component(alice, pull_app, "actions_destination")
    lifecycle.link(alice, pull_app, f"{ADDRESS}/3")
    assert list(PullRequest.objects.filter(app=pull_app).values_list("number", flat=True)) == [3]
    for number in (1, 2):
        assert lifecycle.link(charlie, rival_app, f"{ADDRESS}/{number}").app == rival_app
    assert lifecycle.unlink(alice, pull_app)
    assert not pull_app.pulls.exists()


def test_what_was_merged_and_handed_in_stays_with_the_app(linked, pull_app, alice, teller):
    freeze(pull_app, alice)
    teller.merge()
    teller.catch_up()
    lifecycle.unlink(alice, pull_app)
    linked.refresh_from_db()
    assert (linked.app, linked.is_merged) == (pull_app, True)


def test_every_verb_is_on_the_record(linked, pull_app, alice, rita):
    other = lifecycle.link(alice, pull_app, f"{ADDRESS}/2")
    lifecycle.release_claim(rita, other)
    lifecycle.link(alice, pull_app, f"{ADDRESS}/2")
    lifecycle.unlink(alice, pull_app)
    told = Record.objects.filter(action__startswith="pull.").values_list("action", flat=True)
    assert sorted(told) == ["pull.claim_released", "pull.linked", "pull.linked", "pull.linked", "pull.unlinked"]


def test_github_is_asked_where_a_token_is_and_not_twice_at_once(linked, settings):
    assert not lifecycle.ask(linked)
    settings.GITHUB_TOKEN = "token"
    assert lifecycle.ask(linked)
    assert linked.is_asked
    assert not lifecycle.ask(linked)


@pytest.mark.django_db(transaction=True)
def test_two_apps_that_link_it_at_once_are_one_winner(pull_app, rival_app, alice, charlie, repository):
    answers = at_once(
        lambda: lifecycle.link(alice, pull_app, f"{ADDRESS}/3"),
        lambda: lifecycle.link(charlie, rival_app, f"{ADDRESS}/3"),
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["PullRequest", "ValidationError"]
    assert [of_app(pull_app), of_app(rival_app)].count(None) == 1
