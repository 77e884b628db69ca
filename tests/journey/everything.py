"""One of everything in the demo, so that each page of the product can be opened in a browser.

Runs inside the site's own process: `manage.py shell -c "from tests.journey.everything import tell; tell()"`.
"""

import json
import sys
from typing import Any

from django.db import transaction

from accounts.models import User
from apps_catalog.models import App
from devcenter.demo.people import CAST, PASSWORD
from partners import lifecycle as partners
from partners.models import AccessRequest, AgreementVersion, Membership
from partners.states import Role
from reviews.models import Appeal, LiveChange
from reviews.tests.conftest import finish_suite
from tests.travelling import make_template, make_travelling, make_upkeep
from tests.world import ANSWERS, OutboxMessage, add_results, between, make_apps, make_enabling, make_workspace

COMMAND = "from tests.journey.everything import tell; tell()"
# What the names of these Apps begin with: those of the demo are taken.
BRAND = "Zenith"
NEWCOMER = "newcomer@customer.example"


def tell() -> None:
    """Make what is missing, and print the slots of tests/access_matrix.py as JSON."""
    people = {person.role: User.objects.get(email=person.email) for person in CAST}
    with transaction.atomic():
        slots = make(people)
    sys.stdout.write(json.dumps(slots, default=str))


def make(people: dict[str, User]) -> dict[str, Any]:
    owner = people["owner"]
    company = Membership.objects.get(user=owner).company
    slots = make_apps(people, company, BRAND)
    app = App.objects.get(slug=slots["building"])
    slots["compared_run"] = make_two_runs(app)
    slots["company"], slots["template"], slots["admin_app"] = company.slug, "live", "apps_catalog"
    slots["appeal"] = Appeal.objects.filter(submission__app__company=company).latest("pk").pk
    slots["live_change"] = LiveChange.objects.filter(app__company=company).latest("pk").pk
    slots["access_request"] = make_request().pk
    partners.invite(company, owner, NEWCOMER, Role.VIEWER)
    mail = OutboxMessage.objects.filter(recipient=NEWCOMER, text__contains="/invitations/").latest("created_at")
    slots["invitation_token"] = between(mail.text, "/invitations/")
    slots |= make_workspace(people, app)
    slots |= make_travelling(people, company, BRAND)
    slots |= make_upkeep(people, App.objects.get(slug=slots["public"]))
    slots["template_draft"] = make_template(app, owner).pk
    return slots | make_enabling(people, slots)


def make_two_runs(app: App) -> Any:
    """Two finished runs of the same component; in the newer one an event fails."""
    for _ in range(2):
        run = finish_suite(app.components.get(kind="subscription_webhook"))
        add_results(run, 3)
    run.results.filter(position=2).update(verdict="red", status=500, message="The endpoint answered 500.")
    return run.pk


def make_request() -> AccessRequest:
    """Somebody who asked for access and waits for the answer."""
    user = User.objects.create_user(NEWCOMER, PASSWORD, name="New Comer")
    user.emailaddress_set.create(email=user.email, verified=True, primary=True)
    request = partners.start(user, ANSWERS)
    partners.submit(request, user, AgreementVersion.objects.in_force())
    return request
