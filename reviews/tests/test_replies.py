"""An answer by mail lands in the thread of its App: once, from its own person, and with nothing else."""

import io
import json
import re
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.urls import reverse

from audit.models import Record
from notifications import mime, reply
from notifications.models import InboundMail, OutboxMessage
from partners.models import Membership
from partners.states import Role
from reviews import replies, threads
from reviews.models import ThreadEntry
from reviews.replies import DUPLICATE, receive

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def reply_address(settings):
    settings.REPLY_ADDRESS = "reply@in.example.com"


def mail(app, user, text="All of them.", *, sender="", number=1, **headers) -> bytes:
    head = {
        "From": f"Somebody <{sender or user.email}>", "To": reply.address_for(f"app:{app.pk}", user),
        "Message-ID": f"<{number}@mail.example>", **{name.replace("_", "-"): value for name, value in headers.items()},
    }  # fmt: skip
    return "\r\n".join([*(f"{name}: {value}" for name, value in head.items()), "", text]).encode()


def landed(app) -> list[tuple[str, str]]:
    return list(ThreadEntry.objects.filter(app=app).order_by("pk").values_list("side", "text"))


def test_a_round_trip_by_mail(app, alice, rita):
    """Rita writes; Alice answers her mail; Rita answers Alice's."""
    threads.post(app, rita, "Which events do you accept?")
    to_alice = OutboxMessage.objects.get(kind="thread_message", recipient=alice.email)
    built = mime.build(to_alice).message()
    assert built["Reply-To"] == to_alice.reply_to != ""
    assert built["In-Reply-To"] == built["References"] == mime.case_root(f"app:{app.pk}")
    assert "Answer this mail" in to_alice.text

    answer = "All.\n\nOn Mon, Segment wrote:\n" + "".join(f"> {line}\n" for line in to_alice.text.splitlines())
    raw = f"From: {alice.email}\nTo: {built['Reply-To']}\nMessage-ID: <x@y>\n\n{answer}".encode()
    assert receive(raw).state == "landed"
    to_rita = OutboxMessage.objects.get(kind="desk_message", recipient=rita.email)
    assert mime.build(to_rita).message()["References"] == built["References"]
    assert receive(f"From: {rita.email}\nTo: {to_rita.reply_to}\n\nThanks!".encode()).state == "landed"

    assert landed(app) == [("segment", "Which events do you accept?"), ("partner", "All."), ("segment", "Thanks!")]
    assert threads.turn(app) == "partner"


def test_the_same_mail_lands_once(app, alice):
    assert [receive(mail(app, alice)).state for _ in range(3)] == ["landed", DUPLICATE, DUPLICATE]
    assert len(landed(app)) == 1


def test_a_forged_address_is_refused_without_a_word(app, alice, charlie):
    genuine = mail(app, alice).decode()
    other = reply.address_for(f"app:{app.pk}", charlie)
    forged = [
        genuine.replace(f"a{app.pk}-", f"a{app.pk + 1}-"), genuine.replace(f"-{alice.pk}-", f"-{charlie.pk}-"),
        genuine.replace("reply+", "reply"), re.sub(r"To: \S+", f"To: {other}", genuine),  # a stranger's own address
        re.sub(r"To: \S+", "To: reply@in.example.com", genuine),
    ]  # fmt: skip

    assert {receive(one.encode()).state for one in forged} == {"refused"}
    assert landed(app) == []
    assert not InboundMail.objects.exists()
    assert not OutboxMessage.objects.exists()


def test_the_envelope_decides_where_it_is_known(app, alice):
    address = reply.address_for(f"app:{app.pk}", alice)
    plain = mail(app, alice).replace(address.encode(), b"list@example.com")

    assert receive(plain).state == "refused"
    assert receive(plain, address).state == "landed"
    assert receive(mail(app, alice, number=2), "other@in.example.com").state == "refused"


@pytest.mark.parametrize("who", ["viewer", "gone", "inactive", "deleted_app"])
def test_who_may_not_write_there_may_not_by_mail(app, alice, bob, viv, who):
    raw = mail(app, viv if who == "viewer" else bob)
    if who == "gone":
        Membership.objects.filter(user=bob).delete()
    if who == "inactive":
        bob.is_active = False
        bob.save()
    if who == "deleted_app":
        app.delete()

    assert receive(raw).state == "refused"
    assert not ThreadEntry.objects.exists()


def test_a_reviewer_of_the_own_company_answers_as_a_partner(app, company, rita):
    Membership.objects.create(company=company, user=rita, role=Role.DEVELOPER)

    receive(mail(app, rita))

    assert [side for side, _ in landed(app)] == ["partner"]


@pytest.mark.parametrize("header", [{"Auto_Submitted": "auto-replied"}, {"Precedence": "bulk"}, {"Return_Path": "<>"}])
def test_machines_are_not_answered(app, alice, header):
    assert receive(mail(app, alice, "I am out of office.", **header)).state == "ignored"
    assert landed(app) == []
    assert not OutboxMessage.objects.exists()


def test_another_sender_is_held_until_staff_look(app, alice, adam, client_for):
    assert receive(mail(app, alice, sender="alice@home.example")).state == "held"
    assert receive(mail(app, alice, "Spam", sender="evil@evil.example", number=2)).state == "held"
    assert landed(app) == []
    good, bad = InboundMail.objects.order_by("pk")
    client, url = client_for(adam), reverse("admin:notifications_inboundmail_changelist")

    for _ in range(2):
        client.post(url, {"action": "let_in", "_selected_action": [good.pk]})
        client.post(url, {"action": "throw_away", "_selected_action": [bad.pk]})

    assert landed(app) == [("partner", "All of them.")]
    assert set(InboundMail.objects.values_list("state", "text")) == {("landed", ""), ("discarded", "")}
    actions = list(Record.objects.filter(action__startswith="reply").values_list("action", flat=True))
    assert sorted(actions) == ["reply.let_in", "reply.thrown_away"]


def test_a_second_verified_address_is_ones_own(app, alice):
    alice.emailaddress_set.create(email="alice@home.example", verified=True)
    alice.emailaddress_set.create(email="alice@new.example", verified=False)

    assert receive(mail(app, alice, sender="Alice@Home.example")).state == "landed"
    assert receive(mail(app, alice, sender="alice@new.example", number=2)).state == "held"


@pytest.mark.parametrize("text", ["> only quotes", "x" * 10_001, "x" * 6_000_000])
def test_a_known_sender_hears_why_it_was_refused(app, alice, text):
    assert receive(mail(app, alice, text)).state == "refused"
    receive(mail(app, alice, text))

    told = OutboxMessage.objects.get()
    assert (told.kind, told.recipient, told.reply_to) == ("reply_refused", alice.email, "")
    assert receive(mail(app, alice, text, sender="evil@evil.example", number=2)).state == "refused"
    assert OutboxMessage.objects.count() == 1


def test_attachments_leave_a_remark(app, alice):
    text = (
        '--x\r\n\r\nSee the picture.\r\n--x\r\nContent-Disposition: attachment; filename="a.png"\r\n\r\ndata\r\n--x--'
    )
    receive(mail(app, alice, text, Content_Type="multipart/mixed; boundary=x", MIME_Version="1.0"))

    assert landed(app) == [("partner", "See the picture.\n\n*1 attachment was left out.*")]


def test_no_setting_no_reply_address(app, rita, alice, settings):
    settings.REPLY_ADDRESS = ""
    threads.post(app, rita, "Hello?")

    message = OutboxMessage.objects.get(recipient=alice.email)
    assert message.reply_to == ""
    assert mime.build(message).message()["Reply-To"] is None
    assert "Answer this mail" not in message.text


def test_a_customers_address_would_be_refused(app, carol):
    assert receive(mail(app, carol)).state == "refused"


def test_the_command_reads_a_pipe(app, alice, monkeypatch):
    def pipe(content: bytes, *options: str) -> dict:
        monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(content)))
        out = io.StringIO()
        call_command("receive_mail", "--json", *options, stdout=out)
        return json.loads(out.getvalue())

    assert pipe(mail(app, alice), "--dry-run")["state"] == "landed"
    assert landed(app) == []
    assert pipe(mail(app, alice))["state"] == "landed"
    assert pipe(mail(app, alice))["state"] == "duplicate"
    assert pipe(b"nonsense")["state"] == "refused"


def test_a_missing_database_asks_the_mail_server_to_try_again(monkeypatch):
    def broken(*args):
        raise OperationalError("away")

    monkeypatch.setattr("devcenter.management.commands.receive_mail.receive", broken)
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"x")))
    with pytest.raises(SystemExit) as end:
        call_command("receive_mail", stderr=io.StringIO())
    assert end.value.code == 75


def test_two_deliveries_of_one_mail_at_once_are_one(app, alice, monkeypatch):
    """The second passes the look-up before the first has written."""
    raw = mail(app, alice)
    receive(raw)
    real = InboundMail.objects.filter
    monkeypatch.setattr(replies.InboundMail.objects, "filter", lambda **at: real(digest="none"))

    assert receive(raw).state == DUPLICATE
    assert len(landed(app)) == 1
