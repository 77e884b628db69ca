"""Fill an empty database with N Apps (`bench.__main__` calls `fill` in a process of the product).

Rows are written in bulk and look like what the product's own verbs would have left behind. The places of
the people who are measured do not grow: the owner's company has 30 Apps among the N.
"""

import json
from datetime import datetime, timedelta
from itertools import cycle
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from accounts.rules import REVIEWERS
from apps_catalog.models import (
    App,
    AppVersion,
    CatalogEntry,
    Category,
    Component,
    EchoInbox,
    EntryCategory,
    Listing,
    ReviewerAccess,
    Setting,
)
from apps_catalog.publishing import count_entries
from apps_catalog.states import LISTED, ComponentKind, Stage
from bench import drafts
from bench.bulk import bulk
from bench.history import History
from partners.models import AccessRequest, Company, Membership, Policy
from partners.states import RequestState, Role
from reviews.models import Release, Rubric, Submission
from reviews.states import SubmissionState

OWN_APPS = 30
APPS_A_COMPANY = 20
# Out of a hundred Apps: how many in which stage. Four of a hundred wait for a reviewer.
STAGES = [
    stage
    for stage, number in {
        Stage.PUBLIC: 62, Stage.PUBLIC_BETA: 6, Stage.PRIVATE_BETA: 8, Stage.IN_REVIEW: 4, Stage.BUILDING: 18,
        Stage.DEPRECATED: 2,
    }.items()
    for _ in range(number)
]  # fmt: skip
OWN_STAGES = [Stage.PUBLIC, Stage.IN_REVIEW, Stage.BUILDING, Stage.PRIVATE_BETA, Stage.PUBLIC_BETA]
SUBMITTED = frozenset(Stage) - {Stage.BUILDING}


class Filling:
    """One database. The order of the steps is the order in which the rows need each other."""

    def __init__(self, number: int) -> None:
        self.number, self.now = number, timezone.now()
        self.policy = Policy.current()
        self.categories = list(Category.objects.all())

    def run(self) -> dict[str, Any]:
        with transaction.atomic():
            self.make_people()
            self.make_companies()
            self.make_apps()
            self.make_drafts()
            self.make_versions()
            self.make_entries()
            self.make_submissions()
            self.make_waiting()
            History(self.apps, self.submissions, self.owner, self.reviewer, self.now).write(self.measured)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")  # as autovacuum would have done by now
        return self.summary()

    # --- People and companies -------------------------------------------------------------------------

    def make_people(self) -> None:
        create = get_user_model().objects.create_user
        self.owner = create("owner@demo.example", "not used", name="Owner")
        self.reviewer = create("reviewer@demo.example", "not used", name="Reviewer", is_staff=True)
        self.reviewer.groups.add(Group.objects.get(name=REVIEWERS))
        Authenticator.objects.create(user=self.reviewer, type=Authenticator.Type.TOTP, data={})

    def make_companies(self) -> None:
        self.company = Company.objects.create(name="Demo", slug="demo", website="https://demo.example")
        numbers = range(max(1, self.number // APPS_A_COMPANY))
        self.others = bulk(Company, (Company(name=f"Company {n}", slug=f"company-{n}") for n in numbers))
        User = get_user_model()
        owners = bulk(User, (User(email=f"owner@company-{n}.example", name=f"Owner {n}") for n in numbers))
        owned = [(self.company, self.owner), *zip(self.others, owners, strict=True)]
        bulk(Membership, (Membership(company=company, user=user, role=Role.OWNER) for company, user in owned))
        approved = (
            AccessRequest(applicant=user, state=RequestState.APPROVED, company=company, company_name=company.name)
            for company, user in owned
        )
        bulk(AccessRequest, approved)
        self.owners = owners

    # --- Apps and their drafts --------------------------------------------------------------------------

    def make_apps(self) -> None:
        """The owner's Apps stand between the others', by name as well as by number."""
        own = set(range(0, self.number, self.number // OWN_APPS)[:OWN_APPS])
        own_stages, stages, others = cycle(OWN_STAGES), cycle(STAGES), cycle(self.others)
        rows = (
            drafts.app(number, self.company, next(own_stages))
            if number in own
            else drafts.app(number, next(others), next(stages))
            for number in range(self.number)
        )
        self.apps = bulk(App, rows)
        mine = [app for app in self.apps if app.company_id == self.company.pk]
        self.measured = next(app for app in mine if app.stage == Stage.IN_REVIEW)

    def make_drafts(self) -> None:
        kind, endpoint = ComponentKind.SUBSCRIPTION_WEBHOOK, "https://hooks.example.com/segment"
        bulk(Component, (Component(app=app, kind=kind, endpoint=endpoint) for app in self.apps))
        bulk(Setting, (setting for app in self.apps for setting in drafts.settings_of(app)))
        bulk(Listing, (drafts.listing(app, self.categories) for app in self.apps))
        bulk(ReviewerAccess, (ReviewerAccess(app=app, login_url="https://demo.example/log-in") for app in self.apps))
        bulk(EchoInbox, (EchoInbox(app=app) for app in self.apps))

    # --- What the world sees ----------------------------------------------------------------------------

    def make_versions(self) -> None:
        """What is in review now came back once: it has two versions."""
        submitted = [app for app in self.apps if app.stage in SUBMITTED]
        first = bulk(AppVersion, (drafts.version(app, self.categories, 1) for app in submitted))
        again = [app for app in submitted if app.stage == Stage.IN_REVIEW]
        second = bulk(AppVersion, (drafts.version(app, self.categories, 2) for app in again))
        self.versions, self.second = {row.app_id: row for row in first}, {row.app_id: row for row in second}
        live = [app for app in submitted if app.is_live]
        for app in live:
            app.live_version = self.versions[app.pk]
        App.objects.bulk_update(live, ["live_version"], batch_size=1_000)

    def make_entries(self) -> None:
        self.entries = bulk(CatalogEntry, (self._entry(app) for app in self.apps if app.is_live))
        links = ((entry, position) for entry in self.entries for position in range(1 + entry.pk % 2))
        bulk(EntryCategory, (self._link(entry, position) for entry, position in links))
        count_entries(self.categories)

    def _entry(self, app: App) -> CatalogEntry:
        texts = drafts.entry_texts(app)
        return CatalogEntry(
            app=app, version=self.versions[app.pk], name=app.name, slug=app.slug, maker=app.company.name,
            website="https://demo.example", is_noteworthy=app.pk % 50 == 0, is_beta=app.stage == Stage.PUBLIC_BETA,
            listed_at=self.now - timedelta(minutes=app.pk) if app.stage in LISTED else None, **texts,
        )  # fmt: skip

    def _link(self, entry: CatalogEntry, position: int) -> EntryCategory:
        category = self.categories[(entry.pk + position) % len(self.categories)]
        return EntryCategory(entry=entry, category=category, position=position)

    # --- What reviewers see -----------------------------------------------------------------------------

    def make_submissions(self) -> None:
        """They were handed in years after the first rubric, which came with the migrations a moment ago."""
        Rubric.objects.update(switched_on_at=self.now - timedelta(days=800))
        decided = [app for app in self.apps if app.pk in self.versions]
        waiting = [app for app in self.apps if app.pk in self.second]
        self.submissions = bulk(Submission, (self._decided(app) for app in decided))
        self.submissions += bulk(Submission, (self._waiting(app) for app in waiting))

    def _decided(self, app: App) -> Submission:
        again, days = app.pk in self.second, timedelta(days=7 + app.pk % 500)
        return Submission(
            app=app, version=self.versions[app.pk], policy=self.policy, submitted_by=self.owner,
            submitted_at=self.now - days, due_at=self.now - days + timedelta(days=3),
            decided_at=self.now - days + timedelta(days=2, minutes=app.pk), decided_by=self.reviewer,
            state=SubmissionState.CHANGES_REQUESTED if again else SubmissionState.APPROVED, evidence=drafts.EVIDENCE,
        )  # fmt: skip

    def _waiting(self, app: App) -> Submission:
        since = timedelta(minutes=app.pk % 5_000)
        return Submission(
            app=app, version=self.second[app.pk], policy=self.policy, submitted_by=self.owner, note="Fixed.",
            submitted_at=self.now - since, due_at=self.now - since + timedelta(days=3), evidence=drafts.EVIDENCE,
        )  # fmt: skip

    def make_waiting(self) -> None:
        """Beside the submissions, the queue holds releases and access requests: one for each hundred Apps."""
        count = min(self.number // 100, len(self.owners))
        later = [self.now + timedelta(minutes=7 * number) for number in range(count)]
        betas = [app for app in self.apps if app.stage == Stage.PRIVATE_BETA][:count]
        releases = zip(betas, later, strict=True)
        bulk(Release, (Release(app=app, requested_by=self.owner, due_at=due) for app, due in releases))
        asking = zip(self.owners[:count], later, strict=True)
        bulk(AccessRequest, (self._asking(user, due) for user, due in asking))

    def _asking(self, user: Any, due: datetime) -> AccessRequest:
        return AccessRequest(
            applicant=user, state=RequestState.SUBMITTED, company_name=f"Newcomer {due:%H%M}",
            company_website="https://newcomer.example", submitted_at=self.now, due_at=due,
        )  # fmt: skip

    # --- What the measurement needs to know ---------------------------------------------------------------

    def summary(self) -> dict[str, Any]:
        listed = next(entry for entry in self.entries if entry.listed_at)
        submission = Submission.objects.waiting().get(app=self.measured)
        return {
            "values": {"app": self.measured.slug, "entry": listed.slug, "submission": str(submission.pk)},
            "cookies": {"owner": signed_in(self.owner), "reviewer": signed_in(self.reviewer), "nobody": ""},
        }


def signed_in(user: Any) -> str:
    """A Cookie header of somebody who has just signed in."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def fill(number: int) -> None:
    """Make `number` Apps and print, as JSON, what the measurement needs to know of them."""
    print(json.dumps(Filling(number).run()))
