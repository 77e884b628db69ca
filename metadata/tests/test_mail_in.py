"""A filled-in template that comes by mail: read like a pasted one, answered, and from its own person only."""

from datetime import timedelta
from email.message import EmailMessage

import pytest
import time_machine
from django.utils import timezone

from apps_catalog.models import App
from metadata import mail_in
from metadata.models import TemplateDraft
from metadata.tests.conftest import LOGO, MARK
from notifications import inbound
from notifications.models import InboundMail, OutboxMessage
from reviews import replies
from reviews.models import ThreadEntry
from reviews.replies import DUPLICATE, receive
from runtime.catalog_mail import write
from runtime.tests.test_catalog_mail import BAD, FULL

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def reply_address(settings):
    settings.REPLY_ADDRESS = "reply@in.example.com"


def mail(app: App, user, text: str, *, sender: str = "", number: int = 1, html: str = "", **files: bytes) -> bytes:
    made = EmailMessage()
    made["From"] = sender or user.email
    made["To"] = mail_in.address(app, user)
    made["Message-ID"] = f"<{number}@mail.example>"
    made.set_content(text, cte="base64")
    if html:
        made.add_alternative(html, subtype="html")
    for name, data in files.items():
        made.add_attachment(data, maintype="image", subtype="svg+xml", filename=name.replace("_", "."))
    return made.as_bytes()


def remarked() -> set[str]:
    return {remark["field"] for remark in TemplateDraft.objects.get().remarks}


def test_a_template_with_its_pictures(rocket, alice):
    assert receive(mail(rocket, alice, write(FULL), logo_svg=LOGO, mark_svg=MARK)).state == "landed"

    draft = TemplateDraft.objects.get()
    assert (draft.app, draft.by, draft.way) == (rocket, alice, "mailed")
    assert set(draft.pictures) == {"logo", "mark"}
    assert draft.remarks == []
    answer = OutboxMessage.objects.get(kind="template_read")
    assert (answer.recipient, answer.reply_to) == (alice.email, mail_in.address(rocket, alice))
    assert "Everything could be read." in answer.text
    assert f"/listing/template/{draft.pk}/" in answer.text
    assert not ThreadEntry.objects.exists()
    assert InboundMail.objects.get().text == ""


def test_an_answer_is_read_as_a_corrected_template(rocket, alice):
    receive(mail(rocket, alice, write(FULL).replace("https://rocket.example", "see below")))
    answer = OutboxMessage.objects.get(kind="template_read")
    assert "Line 9: This is no address of a website." in answer.text
    assert "“logo.svg” did not come along" in answer.text
    assert "<li>" not in answer.text

    assert receive(mail(rocket, alice, write(FULL), number=2)).state == "landed"
    assert TemplateDraft.objects.count() == 2


@pytest.mark.parametrize("kind", BAD)
def test_a_badly_filled_one_is_a_draft_with_the_right_remarks(kind, rocket, alice):
    text, fields = BAD[kind]
    outcome = receive(mail(rocket, alice, text, logo_svg=LOGO, mark_svg=MARK))
    if not inbound._CONTROL.sub("", text).strip():
        assert outcome.state == "refused"
        assert OutboxMessage.objects.get().kind == "reply_refused"
        return
    assert outcome.state == "landed"
    assert remarked() == fields - {"logo", "mark"}, TemplateDraft.objects.get().remarks
    assert OutboxMessage.objects.get().kind == "template_read"


def test_mail_programs_change_the_text(rocket, alice):
    """A page of HTML, lines broken at 72 characters, a signature."""
    lines = "".join(f"<li><b>{line[2:].replace(':**', ':</b>')}</li>" for line in write(FULL).split("\n- ")[1:])
    made = EmailMessage()
    made["From"], made["To"] = alice.email, mail_in.address(rocket, alice)
    made.set_content(f"<p>Hello,</p><ul>{lines.replace('**', '')}</ul><p>-- <br>Alice</p>", subtype="html")
    receive(made.as_bytes())
    assert TemplateDraft.objects.get().entry["website"] == FULL.website

    flowed = write(FULL).replace("Sends **rockets**.", "Sends \n**rockets**.") + "-- \nAlice\nhttps://acme.example"
    raw = mail(rocket, alice, flowed, number=3, logo_svg=LOGO, mark_svg=MARK)
    receive(raw.replace(b'charset="utf-8"', b'charset="utf-8"; format=flowed'))
    draft = TemplateDraft.objects.first()
    assert (draft.entry["description"], draft.remarks) == (FULL.description, [])


def test_which_file_is_which(rocket, alice):
    text = write(FULL).replace("logo.svg", "").replace("mark.svg", "")
    receive(mail(rocket, alice, text, rocket_logo_svg=LOGO, our_icon_svg=MARK, photo_svg=MARK, notes_txt=b"x"))
    draft = TemplateDraft.objects.get()
    assert {name: picture["name"] for name, picture in draft.pictures.items()} == {
        "logo": "rocket.logo.svg", "mark": "our.icon.svg",
    }  # fmt: skip
    assert [remark["text"] for remark in draft.remarks] == [
        "“photo.svg” was left out: name the file of your logo or mark in the template."
    ]


def test_a_forged_one_is_refused_without_a_word(rocket, alice, charlie, viv):
    genuine = mail(rocket, alice, write(FULL))
    for one in (charlie, viv):
        assert receive(mail(rocket, one, write(FULL))).state == "refused"
    assert receive(genuine.replace(b"reply+c", b"reply+a")).state == "refused"
    assert not TemplateDraft.objects.exists()
    assert not OutboxMessage.objects.exists()


def test_from_another_address_it_is_refused_and_its_person_told_once_a_day(rocket, alice):
    """Held as text it would lose its pictures."""
    for number in range(3):
        raw = mail(rocket, alice, write(FULL), sender="else@example.com", number=number, logo_svg=LOGO)
        assert receive(raw).state == "refused"
    assert not TemplateDraft.objects.exists()
    assert set(InboundMail.objects.values_list("text", "reason")) == {("", replies.OTHER_SENDER)}
    told = OutboxMessage.objects.get()
    assert (told.kind, told.recipient) == ("reply_refused", alice.email)
    assert replies.ELSEWHERE in told.text.replace("\n", " ")
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        receive(mail(rocket, alice, write(FULL), sender="else@example.com", number=9))
    assert OutboxMessage.objects.count() == 2


def test_the_same_mail_is_read_once(rocket, alice):
    raw = mail(rocket, alice, write(FULL))
    assert [receive(raw).state for _ in range(3)] == ["landed", DUPLICATE, DUPLICATE]
    assert TemplateDraft.objects.count() == 1


def test_too_large_a_mail_is_told(rocket, alice):
    raw = mail(rocket, alice, write(FULL), logo_svg=b"x" * (inbound.MAX_BYTES + 1))
    assert receive(raw).state == "refused"
    told = OutboxMessage.objects.get()
    assert told.kind == "reply_refused"
    assert "Your catalog template about Rocket could not be taken." in told.text
    assert "/listing/template/" in told.text


def test_without_a_mail_door_there_is_no_address(rocket, alice, settings):
    settings.REPLY_ADDRESS = ""
    assert mail_in.address(rocket, alice) == ""
