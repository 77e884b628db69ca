"""Who is in the demo."""

from dataclasses import dataclass
from functools import cache

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group

from accounts.models import User
from accounts.rules import REVIEWERS

# Known to everybody who reads this; therefore DEBUG only.
PASSWORD = "demo-developer-center"  # noqa: S105


@dataclass(frozen=True)
class Person:
    role: str
    name: str
    domain: str
    is_staff: bool = False
    is_superuser: bool = False

    @property
    def email(self) -> str:
        return f"{self.role}@{self.domain}"


CAST = (
    Person("owner", "Demo Owner", "acme.example"),
    Person("developer", "Demo Developer", "acme.example"),
    Person("viewer", "Demo Viewer", "acme.example"),
    Person("stranger", "Demo Stranger", "globex.example"),
    Person("customer", "Demo Customer", "customer.example"),
    Person("reviewer", "Demo Reviewer", "segment.example", is_staff=True),
    Person("admin", "Demo Admin", "segment.example", is_staff=True, is_superuser=True),
)


def demo_logins() -> list[tuple[str, str, str]]:
    """(role, address, password) of each person."""
    return [(person.role, person.email, PASSWORD) for person in CAST]


def ensure_people() -> dict[str, User]:
    """The users by role; those that are missing are made."""
    return {person.role: _ensure(person) for person in CAST}


@cache
def _hashed() -> str:
    """Hashing is slow on purpose, and everybody here has the same password."""
    return make_password(PASSWORD)


def _ensure(person: Person) -> User:
    user = User.objects.filter(email=person.email).first()
    if user is None:
        user = User.objects.create_user(
            person.email,
            name=person.name,
            is_staff=person.is_staff,
            is_superuser=person.is_superuser,
        )
        user.password = _hashed()
        user.save(update_fields=["password"])
    EmailAddress.objects.get_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
    if person.role == "reviewer":
        user.groups.add(Group.objects.get(name=REVIEWERS))
    return user
