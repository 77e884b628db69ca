"""Mails as the world sends them: charsets, quotes, HTML, and those that mean harm."""

import base64
import time
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from notifications import inbound, reply
from notifications.html_text import text_of
from notifications.inbound import Fault, Unreadable, read_head, read_letter
from notifications.quotes import own_words

TOKENS = "reply@in.example.com"


def raw(body: str = "Hello", **headers: str) -> bytes:
    head = {"From": "alice@acme.example", "To": "reply@in.example.com", "Message-ID": "<1@acme.example>", **headers}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in head.items()]
    return "\r\n".join([*lines, "", body]).encode()


# --- Addresses ------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_an_address_names_case_and_person_and_cannot_be_made_up(alice, bob, settings):
    settings.REPLY_ADDRESS = TOKENS
    address = reply.address_for("app:12", alice)

    assert len(address.partition("@")[0]) <= 64
    assert address == address.lower()
    assert reply.read(f"Reply <{address.upper()}>, other@example.com") == ("app:12", alice.pk)
    forged = [
        address.replace("a12-", "a13-"), address.replace(f"-{alice.pk}-", f"-{bob.pk}-"),
        address.replace("@in.example.com", "@in.example.com.evil.example"), f"x{address}",
        address[:-20] + address[-19:],
        address.replace("reply+", "reply+x"), "reply+@in.example.com", "reply+a1-1-" + "a" * 26 + "@in.example.com",
    ]  # fmt: skip
    assert [reply.read(one) for one in forged] == [None] * len(forged)


@pytest.mark.django_db
def test_no_setting_or_no_thread_means_no_address(alice, settings):
    assert reply.address_for("app:12", alice) == ""
    settings.REPLY_ADDRESS = TOKENS
    assert [reply.address_for(case, alice) for case in ("access:1", "company:1", "", "app:x")] == [""] * 4


@pytest.mark.django_db
def test_answers_still_arrive_after_the_key_was_replaced(alice, settings):
    settings.REPLY_ADDRESS = TOKENS
    address, old = reply.address_for("app:12", alice), settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "n" * 50, [old]

    assert reply.read(address) == ("app:12", alice.pk)
    settings.SECRET_KEY_FALLBACKS = []
    assert reply.read(address) is None


# --- Heads ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "sender"),
    [
        ("Alice <Alice@Acme.example>", "alice@acme.example"), ("alice@acme.example", "alice@acme.example"),
        ("alice@acme.example, bob@acme.example", ""), ("", ""), ("nobody", "nobody"),
        ('"alice@acme.example" <evil@evil.example>', "evil@evil.example"),
        ("alice@acme.example <evil@evil.example>", ""), ("a@b.example\r\n\t(comment)", "a@b.example"),
        ("(" * 5_000, ""),
    ],
)  # fmt: skip
def test_the_sender_is_one_address_or_none(value, sender):
    assert read_head(raw(From=value)).sender in {sender, ""}
    if sender:
        assert read_head(raw(From=value)).sender == sender


def test_two_from_headers_are_no_sender():
    assert read_head(b"From: evil@evil.example\r\n" + raw()).sender == ""


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"}, {"Auto_Submitted": "auto-generated; x=y"}, {"Precedence": "bulk"},
        {"Precedence": " LIST "}, {"Return_Path": "<>"}, {"List_Id": "<l.example>"}, {"X_Autoreply": "yes"},
        {"Content_Type": "multipart/report; boundary=x"},
    ],
)  # fmt: skip
def test_machines_are_known(headers):
    assert read_head(raw(**headers)).is_automatic


def test_people_are_not_machines():
    assert not read_head(raw(Auto_Submitted="no", Return_Path="<alice@acme.example>")).is_automatic


def test_the_same_message_id_is_the_same_mail():
    assert read_head(raw("One")).digest == read_head(raw("Two")).digest
    assert read_head(raw().replace(b"<1@", b"<2@")).digest != read_head(raw()).digest
    assert read_head(b"Subject: x\n\nOne").digest != read_head(b"Subject: x\n\nTwo").digest


# --- Words ----------------------------------------------------------------------------------------------


def letter(text: str = "", *, html: str = "", charset: str = "utf-8", files: int = 0) -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"] = "alice@acme.example", "Re: Acme"
    if text:
        message.set_content(text, charset=charset)
        if html:
            message.add_alternative(html, subtype="html")
    elif html:
        message.set_content(html, subtype="html")
    for number in range(files):
        message.add_attachment(b"\x00" * 100, maintype="application", subtype="x-evil", filename=f"../{number}.exe")
    return bytes(message)


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "windows-1252"])
def test_charsets_are_read(charset):
    assert read_letter(letter("Grüße aus Zürich", charset=charset)).text == "Grüße aus Zürich"


def test_an_unknown_charset_loses_no_mail():
    mail = b'Content-Type: text/plain; charset="x-klingon"\r\n\r\nHello \xff there'

    assert read_letter(mail).text == "Hello \ufffd there"


def test_encodings_are_undone_and_control_characters_go():
    body = base64.b64encode("Hi\x00\x1b[31m\u202e there\r\nnext".encode()).decode()
    mail = f"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{body}".encode()

    assert read_letter(mail).text == "Hi[31m there\nnext"


def test_attachments_are_counted_and_never_opened():
    found = read_letter(letter("See attached.", html="<p>See attached.</p>", files=3))

    assert (found.text, found.attachments) == ("See attached.", 3)


def test_html_alone_becomes_text():
    html = (
        "<html><head><style>p{}</style><title>T</title></head><body><p>Hello&nbsp;<b>you</b> &amp; me</p>"
        "<script>alert(1)</script><ul><li>one<li>two</ul><img src=x onerror=alert(1)>"
        '<div class="gmail_quote"><div>On Monday Segment wrote:</div><blockquote>old words</blockquote></div></body>'
    )

    assert read_letter(letter(html=html)).text == "Hello you & me\n\none\ntwo"


@pytest.mark.parametrize(
    "html", ["<" * 5_000, "<p" * 5_000, "<blockquote>" * 5_000, "<!--" * 5_000, "&#" * 5_000, "<![x"]
)
def test_broken_html_is_read_quickly(html):
    began = time.process_time()
    text_of(html)
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    "mail",
    [
        "Yes, all of them.\n\nOn Mon, 5 Jan 2026 at 10:00, Segment <x@y.example> wrote:\n> Which events?\n> Thanks",
        "Yes, all of them.\n\nOn Mon, 5 Jan 2026 at 10:00, Segment\n<reply+a1@in.example.com> wrote:\n\n> Which?",
        "Yes, all of them.\n\nAm 05.01.2026 um 10:00 schrieb Segment:\n> Which events?",
        "Yes, all of them.\n\nLe 5 janv. 2026 à 10:00, Segment a écrit :\n> Which events?",
        "Yes, all of them.\n\n-----Original Message-----\nFrom: Segment\nWhich events?",
        "Yes, all of them.\n\n________________________________\nFrom: Segment\nSent: Monday\nTo: Alice\nWhich?",
        "Yes, all of them.\n\nFrom: Segment <x@y.example>\nSent: Monday\nTo: Alice\nSubject: Acme\n\nWhich events?",
        "Yes, all of them.\n-- \nAlice\nAcme, Inc.",
        "Yes, all of them.\n\nSent from my iPhone", "> Which?\nYes, all of them.\n",
        "Yes, all of them.\n\nOn Mon Segment wrote:\n> Which events?\n-- \nAlice",
    ],
)  # fmt: skip
def test_quotes_and_signatures_are_cut_off(mail):
    assert own_words(mail) == "Yes, all of them."


def test_answers_between_the_quotes_stay():
    mail = "Hello,\n\nOn Mon, 5 Jan 2026, Segment wrote:\n> Which events?\nAll.\n> And when?\nTomorrow."

    assert own_words(mail) == "Hello,\n\nAll.\nTomorrow."


def test_words_that_only_look_like_a_quote_stay():
    text = "On reflection I wrote it anew.\nFrom: now on we use v2.\n\n- one\n- two"

    assert own_words(text) == text


# --- Harm -----------------------------------------------------------------------------------------------


def fault_of(mail: bytes) -> Fault:
    try:
        read_head(mail)
        return pytest.fail(f"It was read: {read_letter(mail)}")
    except Unreadable as refusal:
        return refusal.fault


def nested(depth: int) -> bytes:
    parts = [f"Content-Type: multipart/mixed; boundary=b{level}\r\n\r\n--b{level}\r\n" for level in range(depth)]
    return ("".join(parts) + "Content-Type: text/plain\r\n\r\nDeep").encode()


@pytest.mark.parametrize(
    ("mail", "fault"),
    [
        (raw("x" * (inbound.MAX_BYTES + 1)), Fault.TOO_LARGE), (raw("x" * 10_001), Fault.TOO_LONG),
        (raw("> all of it quoted"), Fault.EMPTY), (raw(""), Fault.EMPTY), (b"", Fault.UNREADABLE),
        (b"\r\n\r\n", Fault.UNREADABLE), (raw(X="y" * 70_000), Fault.UNREADABLE), (nested(101), Fault.UNREADABLE),
        (letter(html="<script>x</script>"), Fault.EMPTY),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_one_refusal(mail, fault):
    assert fault_of(mail) == fault


HOSTILE = [
    nested(90), b"Content-Type: multipart/mixed\r\n\r\nno boundary", b"Content-Type: " + b"(" * 30_000 + b"\r\n\r\nx",
    b"Content-Type: text/plain; charset*=x'y'%ff\r\n\r\nx", b"From: " + b"<" * 30_000 + b"\r\n\r\nx",
    b"To: " + b"a@b," * 10_000 + b"\r\n\r\nx", b"Content-Type: message/rfc822\r\n\r\n" * 500 + b"x",
    b"Subject: =?utf-8?b?" + b"=" * 30_000 + b"?=\r\n\r\nx", b"Content-Disposition: " + b'"' * 20_000 + b"\r\n\r\nx",
    b"Content-Type: text/plain; " + b"; ".join(b"a*%d=x" % n for n in range(3_000)) + b"\r\n\r\nx",
    b"Content-Transfer-Encoding: uuencode\r\n\r\nbegin 644 /etc/passwd\r\nx", b"Content-Type: /\r\n\r\nx",
    b"Content-Transfer-Encoding: base64\r\n\r\n" + b"=" * 50_000, b"From: a@b\r\n" + b" x" * 20_000 + b"\r\n\r\nx",
]  # fmt: skip


@pytest.mark.parametrize("mail", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_mails_are_read_or_refused_quickly(mail):
    began = time.process_time()
    try:
        read_head(mail)
        read_letter(mail)
    except Unreadable:
        pass
    assert time.process_time() - began < 3


@hypothesis_settings(max_examples=60, deadline=None)
@given(st.binary(max_size=2_000), st.sampled_from([b"", b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n"]))
def test_any_bytes_are_a_mail_or_a_refusal(tail, head):
    try:
        read_head(head + tail)
        found = read_letter(head + tail)
    except Unreadable:
        return
    assert found.text
    assert "\x00" not in found.text
