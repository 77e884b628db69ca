"""The table of kinds and templates/mail hold each other: no mail without a line, no name that nobody gives."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Template
from django.template.base import VariableNode
from django.template.loader import get_template

from notifications import placeholders, rendering
from notifications.kinds import FRAME, KINDS, NEVER_ON_SLACK, SAMPLES, Kind, can_mute, for_slack, sample_context

MAILS = Path(settings.BASE_DIR) / "templates" / "mail"
# Names that loops and conditions of the originals use beside those that staff may write.
INSIDE = frozenset({"finding", "forloop", "original", "words"})
pytestmark = pytest.mark.django_db


def test_every_template_has_a_kind_and_every_kind_its_templates():
    templates = {path.name.removesuffix(".subject.txt") for path in MAILS.glob("*.subject.txt")}

    assert sorted(templates - KINDS.keys()) == [], "Add these to notifications/kinds.py."
    assert sorted(KINDS.keys() - templates) == [], "These kinds have no template."


def names_of(template: str) -> set[str]:
    """Every variable that a template shows, without what its frame shows."""
    source = get_template(template).template
    assert isinstance(source, Template)
    return {str(node.filter_expression.var) for node in source.nodelist.get_nodes_by_type(VariableNode)}


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_a_template_shows_nothing_that_its_kind_does_not_declare(kind: Kind):
    shown = {name for ext in (".subject.txt", ".txt", ".html") for name in names_of(f"mail/{kind.name}{ext}")}
    strangers = {name for name in shown if name.split(".")[0] not in FRAME | INSIDE and name not in kind.names}

    # A list is shown through its loop.
    assert strangers - {"findings"} == set()
    assert set(kind.needs) <= set(kind.names) <= SAMPLES.keys()


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_what_an_edit_starts_from_can_be_saved_and_shown(kind: Kind, alice):
    subject, text = placeholders.starting_words(kind)

    assert (placeholders.faults(subject, kind), placeholders.faults(text, kind, needs=kind.needs)) == ([], [])
    words = rendering.render(kind.name, sample_context(kind), to=alice, url="/x/")
    assert words.subject
    assert not re.search(r"\{\{|\{%", words.subject + words.text + words.html)
    assert placeholders.fill(text, kind, sample_context(kind)).strip()


def test_decisions_and_personal_links_cannot_be_switched_off():
    locked = {"access_approved", "access_declined", "changes_requested", "rejected", "update_approved", "live"}

    assert not any(can_mute(name) for name in locked | {"invitation", "beta_invitation", "no_such_kind"})
    assert can_mute("thread_message")


def test_personal_links_never_go_to_slack():
    assert not {kind.name for kind in for_slack()} & NEVER_ON_SLACK
    assert {"invitation", "beta_invitation"} <= NEVER_ON_SLACK
