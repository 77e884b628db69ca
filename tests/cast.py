"""The people and things that tests are about, as fixtures; the same cast everywhere.

Alice owns the company, Bob develops, Viv views; Charlie owns another company; Carol is a customer;
Rita reviews; Adam administers. Nobody is made unless a test asks for them.
"""

from collections.abc import Callable, Generator

import pytest
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from pytest_django.plugin import blocking_manager_key

from accounts.models import User
from apps_catalog.lifecycle import create_app
from apps_catalog.models import App
from partners.models import Company, Membership
from partners.states import Role
from workspaces.lifecycle import add_source, personal
from workspaces.models import Destination, Source, Workspace

PASSWORD = "correct horse battery staple"


def make_user(name: str, **fields: object) -> User:
    user = User(email=f"{name}@{fields.pop('domain', 'acme.example')}", name=name.title(), **fields)
    user.set_password(PASSWORD)
    user.save()
    user.emailaddress_set.create(email=user.email, primary=True, verified=True)
    return user


def make_company(name: str, owner: User | None = None) -> Company:
    slug = name.lower().replace(" ", "-")
    company = Company.objects.create(name=name, slug=slug, website=f"https://{slug}.example")
    if owner:
        Membership.objects.create(company=company, user=owner, role=Role.OWNER)
    return company


def install_on(source: Source, app: App, actor: User, *, is_enabled: bool = True) -> Destination:
    """The App on a source, with an API key, whatever else it asks for."""
    made = Destination.objects.create(source=source, app=app, is_enabled=is_enabled, created_by=actor)
    made.put_values({"apiKey": "key"})
    made.save()
    return made


# The rows that migrations made (categories, policy, agreements, groups), as Django wrote them down when it
# made the database. Kept here, because they hang on a connection, and a running browser brings another one.
_rows_of_the_migrations = ""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    global _rows_of_the_migrations
    _rows_of_the_migrations = _rows_of_the_migrations or getattr(connection, "_test_serialized_contents", "")
    return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, None, None]:
    """Tests with real transactions end by emptying every table; the next test finds the first rows again."""
    result = yield
    if _rows_of_the_migrations and _empties_tables(item):
        with item.config.stash[blocking_manager_key].unblock():
            # Emptying the tables ran the hooks of `migrate`, whose rows have other keys than the first ones.
            Group.objects.all().delete()
            ContentType.objects.all().delete()
            ContentType.objects.clear_cache()
            connection.creation.deserialize_db_from_string(_rows_of_the_migrations)
    return result


def _empties_tables(item: pytest.Item) -> bool:
    marker = item.get_closest_marker("django_db")
    named = {"transactional_db", "live_server", "django_db_reset_sequences"} & set(getattr(item, "fixturenames", ()))
    return bool(named or (marker and marker.kwargs.get("transaction")))


@pytest.fixture
def alice(db) -> User:
    return make_user("alice")


@pytest.fixture
def company(alice) -> Company:
    return make_company("Acme", alice)


@pytest.fixture
def bob(company) -> User:
    user = make_user("bob")
    Membership.objects.create(company=company, user=user, role=Role.DEVELOPER)
    return user


@pytest.fixture
def viv(company) -> User:
    user = make_user("viv")
    Membership.objects.create(company=company, user=user, role=Role.VIEWER)
    return user


@pytest.fixture
def charlie(db) -> User:
    return make_user("charlie", domain="rival.example")


@pytest.fixture
def other_company(charlie) -> Company:
    return make_company("Rival", charlie)


@pytest.fixture
def carol(db) -> User:
    return make_user("carol", domain="customer.example")


@pytest.fixture
def rita(db) -> User:
    user = make_user("rita", domain="segment.example", is_staff=True)
    user.groups.add(Group.objects.get(name="Reviewers"))
    return user


@pytest.fixture
def adam(db) -> User:
    return make_user("adam", domain="segment.example", is_staff=True, is_superuser=True)


@pytest.fixture
def app(alice, company) -> App:
    return create_app(alice, company, "Acme Analytics")


@pytest.fixture
def workspace(alice) -> Workspace:
    """Alice's own sandbox (S17)."""
    return personal(alice)


@pytest.fixture
def source(workspace, alice) -> Source:
    return add_source(alice, workspace, "Website")


@pytest.fixture
def destination(source, app, alice) -> Destination:
    """The App in Alice's workspace, switched on."""
    return install_on(source, app, alice)


@pytest.fixture
def customer_workspace(carol) -> Workspace:
    """Carol's, which nobody of the company is in."""
    return personal(carol)


@pytest.fixture
def client_for() -> Callable[[User], Client]:
    """A signed-in test client for a person."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in
