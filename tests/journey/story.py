"""What the journey is about: one company, its App, and everything that the people need."""

from dataclasses import dataclass
from pathlib import Path

from tests.journey.people import Person
from tests.services.browser import Pages
from tests.services.receiver import Receiver
from tests.services.site import Site

COMPANY = "Brightloop"
APP = "Brightloop Journeys"
SLUG = "brightloop-journeys"
KEY = "blj-live-key-1"
CUSTOMER_KEY = "blj-customer-key-5"
REVIEW_KEY = "blj-review-key-9"
REVIEW_PASSWORD = "only-for-review-7"


@dataclass
class Story:
    """The site, the partner's own webhook server, and a folder for files to upload."""

    site: Site
    pages: Pages
    receiver: Receiver
    files: Path

    def person(self, name: str, email: str) -> Person:
        return Person(name, email, self.site, self.pages)

    @property
    def endpoint(self) -> str:
        return f"{self.receiver.url}/segment"
