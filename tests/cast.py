"""The people and things that tests are about, as fixtures; the same cast everywhere.

Alice owns the company, Bob develops, Viv views; Charlie owns another company; Carol is a customer;
Rita reviews; Adam administers. Nobody is made unless a test asks for them.
"""

from collections.abc import Callable, Generator

import pytest
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django.plugin import blocking_manager_key

from accounts.models import User
from apps_catalog.lifecycle import create_app
from apps_catalog.models import App
from installs import proof
from installs.digests import digest
from installs.lifecycle import activate, propose
from installs.models import Client as OAuthClient
from installs.models import Install
from partners.models import Company, Membership
from partners.states import Role
from workspaces.lifecycle import add_source, personal
from workspaces.models import Destination, Source, Workspace

PASSWORD = "correct horse battery staple"
# Of every OAuth client of the tests, whose row is made in an instant; and where their browsers come back to.
CLIENT_SECRET = "a-client-secret-of-the-tests-43-characters-"
REDIRECT_URI = "https://acme.example/auth/segment/callback"
LOCAL_REDIRECT_URI = "http://localhost:8888/auth/segment/callback"


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


def make_oauth_client(app: App, *, is_classic: bool = False, secret: str = CLIENT_SECRET) -> OAuthClient:
    """The OAuth client of an App, with one secret and two redirect URIs."""
    uris = f"{REDIRECT_URI} {LOCAL_REDIRECT_URI}"
    made = OAuthClient.objects.create(app=app, redirect_uris=uris, is_classic=is_classic)
    made.secrets.create(name="Production", digest=digest(secret), hint=secret[-4:])
    return made


def went_through(app: App, actor: User, source: Source, *, is_trial: bool = False) -> Install:
    """An install of the App on `source` whose token has called the Config API: the proof that Enable with Segment
    works, unless it was a trial."""
    client = OAuthClient.objects.filter(app=app).first() or make_oauth_client(app)
    made = propose(actor, client, source.workspace, source, is_trial=is_trial)
    activate(made)
    proof.note_use(made, timezone.now())
    made.refresh_from_db()
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
    """Tests with real transactions end by emptying every table; the next test finds the first rows again.

    On SQLite the next test's people have the ids of this one's, and must not inherit what limits counted about them.
    """
    result = yield
    for cache in caches.all(initialized_only=True):
        if isinstance(cache, LocMemCache):
            cache.clear()
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
def oauth_client(app) -> OAuthClient:
    """Of the App, with CLIENT_SECRET and REDIRECT_URI; it has to send PKCE."""
    return make_oauth_client(app)


@pytest.fixture
def oauth_install(oauth_client, alice, source) -> Install:
    """Active on Alice's source: consented, and its code exchanged. It has no token yet."""
    made = propose(alice, oauth_client, source.workspace, source)
    activate(made)
    return made


@pytest.fixture
def client_for() -> Callable[[User], Client]:
    """A signed-in test client for a person."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in
