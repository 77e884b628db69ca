"""The mailbox of the demo: real files, real pages, and nothing at all elsewhere."""

import pytest
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse

from notifications import mailbox
from notifications.backends import FileMailBackend, write
from notifications.dev_views import BACKEND
from notifications.tests.conftest import HOSTILE

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo(settings, tmp_path):
    settings.DEBUG, settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = True, BACKEND, tmp_path / "mail"
    return settings


def send(subject="Hello", text="Hello", html="", to="a@demo.example") -> str:
    mail = EmailMultiAlternatives(subject, text, "center@demo.example", [to])
    if html:
        mail.attach_alternative(html, "text/html")
    # pytest-django puts a backend of its own into the settings; ask for ours by name.
    FileMailBackend().send_messages([mail])
    return mailbox.names()[0]


def test_an_empty_mailbox_says_so(demo, client):
    assert "No mail yet" in client.get(reverse("dev-mail-list")).content.decode()


def test_mails_are_listed_newest_first_with_their_codes(demo, client):
    send("First", "Your code:\n\nABCD-EFGH\n\nBye")
    send("Grüße", "Hi")

    page = client.get(reverse("dev-mail-list")).content.decode()

    assert page.index("Grüße") < page.index("First")
    assert "ABCD-EFGH" in page


def test_a_mail_shows_its_text_its_links_and_its_codes(demo, client):
    name = send("Hello", "Go to http://localhost:8000/x/?a=1&b=2.\n\n  AB12-CD34  \n", "<p>Hi</p>")

    page = client.get(reverse("dev-mail-detail", args=[name])).content.decode()

    assert '<a href="http://localhost:8000/x/?a=1&amp;b=2">' in page
    assert 'id="code-1">AB12-CD34</code>' in page
    assert reverse("dev-mail-frame", args=[name]) in page
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page


def test_hostile_mails_stay_text_and_their_html_stays_in_its_frame(demo, client):
    name = send(HOSTILE, f"{HOSTILE} javascript:alert(1)", f"<p>{HOSTILE}</p>")

    for url in (reverse("dev-mail-list"), reverse("dev-mail-detail", args=[name])):
        assert "<script>alert" not in client.get(url).content.decode()
    frame = client.get(reverse("dev-mail-frame", args=[name]))
    policy = frame["Content-Security-Policy"]
    assert "sandbox allow-popups allow-popups-to-escape-sandbox" in policy
    assert "default-src 'none'" in policy
    assert "script-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    assert frame["X-Frame-Options"] == "SAMEORIGIN"


@pytest.mark.parametrize("name", ["1-00000000.eml", "..", "1-00000000.part", "x.eml"])
def test_only_mails_are_read(demo, client, name):
    (demo.EMAIL_FILE_PATH).mkdir()
    (demo.EMAIL_FILE_PATH / "x.eml").write_text("Subject: no\n\n")

    assert client.get(f"/dev/mail/{name}/").status_code == 404
    assert client.get("/dev/mail/%2e%2e%2fsecrets/").status_code == 404


def test_a_mail_appears_whole_and_a_repeat_is_seen(tmp_path):
    paths = [write(tmp_path / "new", b"Subject: x\r\n\r\n") for _ in range(3)]

    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == sorted(path.name for path in paths)
    assert len(set(paths)) == 3


@pytest.mark.parametrize(
    ("debug", "backend"),
    [
        (False, BACKEND),
        (True, "django.core.mail.backends.smtp.EmailBackend"),
        (False, "django.core.mail.backends.smtp.EmailBackend"),
    ],
)
def test_outside_the_demo_there_is_no_mailbox(demo, client, adam, client_for, debug, backend):
    name = send()
    demo.DEBUG, demo.EMAIL_BACKEND = debug, backend

    for url in (reverse("dev-mail-list"), *(reverse(f"dev-mail-{page}", args=[name]) for page in ("detail", "frame"))):
        assert client.get(url).status_code == 404
        assert client_for(adam).get(url).status_code == 404


def test_the_list_is_paged(demo, client):
    for number in range(30):
        send(f"Mail {number}")

    assert "Page 1 of 2" in client.get(reverse("dev-mail-list")).content.decode()
