"""A template of mails for these tests, and quick ways to look at the outbox."""

from pathlib import Path

import pytest
from django.utils import timezone

from notifications.models import OutboxMessage

HOSTILE = '<script>alert("x")</script> & Söhne'


@pytest.fixture
def mail_templates(settings) -> str:
    """The name of a template that shows what it is given: `who` and `url`."""
    directory = str(Path(__file__).parent / "templates")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [*settings.TEMPLATES[0]["DIRS"], directory]}]
    return "probe"


@pytest.fixture
def make_mail(db):
    """A queued row without rendering."""

    def make(recipient: str = "a@demo.example", **fields) -> OutboxMessage:
        number = OutboxMessage.objects.count()
        known = {"kind": "test", "subject": f"Mail {number}", "text": "Hello\n", "due_at": timezone.now()}
        return OutboxMessage.objects.create(
            recipient=recipient, message_id=f"<{number}@demo.example>", **{**known, **fields}
        )

    return make
