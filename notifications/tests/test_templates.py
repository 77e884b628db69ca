"""Staff's own words: placeholders are filled in, and nothing is ever run."""

import pytest
from django.urls import reverse

from audit.models import Record
from notifications import outbox, placeholders, rendering, templates
from notifications.kinds import KINDS, sample_context
from notifications.models import TemplateOverride
from notifications.placeholders import faults, fill, fill_html

pytestmark = pytest.mark.django_db
LIVE, CHANGES = KINDS["live"], KINDS["changes_requested"]


class App:
    name = "R&D <b>"
    secret = "hunter2"

    def delete(self):
        raise AssertionError("called")


@pytest.mark.parametrize(
    "text",
    [
        "{% load x %}", "{% debug %}", "{{ app.name|safe }}", "{{ app.name }}{% include 'x' %}", "{# no #}",
        "{{ app.delete }}", "{{ app.secret }}", "{{ app.__class__ }}", "{{ settings.SECRET_KEY }}", "{{ request }}",
        "{{ app }}", "{{ app.name.__class__ }}", "{{ '' }}", "{{ app.name }", "{{ 1 }}", "{{ app.company.apps }}",
        "{{app . name}}", "{{ app.name }}{{", "{%", "{{{ app.name }}}%}",
    ],
)  # fmt: skip
def test_anything_but_declared_placeholders_is_refused(text):
    problems = faults(text, LIVE)

    assert problems or text == "{{ app.name }"  # one brace is a brace
    assert "hunter2" not in fill(text, LIVE, {"app": App()})


def test_what_readers_need_has_to_stay():
    assert faults("Please change this.", CHANGES, needs=CHANGES.needs) == [
        "Readers need this, so it has to stay: {{ findings }}."
    ]


def test_a_value_is_text_and_never_looked_at_again():
    context = {"app": {"name": "{{ app.company.name }}{% debug %}<script>"}}

    assert fill("It is {{ app.name }}!", LIVE, context) == "It is {{ app.company.name }}{% debug %}<script>!"
    html = fill_html("It is <i>{{ app.name }}</i>!\n\nTwo\nlines", LIVE, context)
    assert "<script>" not in html
    assert "&lt;i&gt;" in html
    assert "<p>Two<br>\nlines</p>" in html


def test_lists_and_dates_read_like_the_original():
    text = fill("{{ findings }}", CHANGES, sample_context(CHANGES))

    assert text.splitlines()[0] == "1. Log in with the supplied test account"
    assert "   What to do: Send a password that works." in text
    received = KINDS["submission_received"]
    assert fill("{{ submission.due_at }}", received, sample_context(received)) == "Thursday, 12 March 2026, 17:00 UTC"


def test_the_next_mail_has_the_new_words_in_the_old_frame(alice, adam):
    templates.change("live", "{{ app.name }} is out", "Look at {{ app.name }}.\n\nTell everybody.", 0, adam)

    message = outbox.queue("live", alice, "live", {"app": App()}, url="/catalog/acme/")

    assert message.subject == "R&D <b> is out"
    assert message.text.startswith("Look at R&D <b>.\n\nTell everybody.")
    assert "See it in the catalog" in message.text
    assert "http://localhost:8000/catalog/acme/" in message.text
    assert "<p>Look at R&amp;D &lt;b&gt;.</p>" in message.html.replace(' style="margin: 0 0 16px;"', "").replace(
        message.html[message.html.find("<p style") : message.html.find(">", message.html.find("<p style")) + 1], "<p>"
    )
    assert [record.action for record in Record.objects.all()] == ["template.changed"]


def test_two_people_change_one_template(adam, rita):
    templates.change("live", "One", "Text", 0, adam)
    templates.change("live", "One", "Text", 0, rita)  # the same words: nothing happens
    with pytest.raises(templates.Outdated) as late:
        templates.change("live", "Two", "Text", 0, rita)

    assert late.value.revision == 1
    assert templates.change("live", "Two", "Text", 1, rita).revision == 2
    assert templates.restore("live", adam)
    assert not templates.restore("live", adam)
    assert rendering.changed("live") is None


# --- The pages ------------------------------------------------------------------------------------------


def page(name: str = "live") -> str:
    return reverse("admin:notifications_template", args=[name])


def form(**fields):
    return {"subject": "{{ app.name }}", "text": "Hello {{ app.name }}", "revision": "0", "act": "save", **fields}


def test_staff_change_preview_and_restore(adam, client_for):
    client = client_for(adam)

    assert client.post(page(), form()).status_code == 303
    assert TemplateOverride.objects.get().text == "Hello {{ app.name }}"
    shown = client.get(page()).content.decode()
    assert "Hello Acme Analytics" in shown
    preview = client.post(f"{page()}preview/", form(text="Bye {{ app.name }}", part="html"))
    assert "Bye Acme Analytics" in preview.content.decode()
    assert "script-src 'none'" in preview["Content-Security-Policy"]
    # The page may show it in its frame, and nobody else may.
    for framed in (preview, client.get(f"{page()}preview/")):
        assert framed["X-Frame-Options"] == "SAMEORIGIN"
        assert "frame-ancestors 'self'" in framed["Content-Security-Policy"]
    assert "default-src 'self'" in client.get(page())["Content-Security-Policy"]
    assert "Bye Acme" in client.post(f"{page()}preview/", form(text="Bye {{ app.name }}", part="text")).content.decode()
    assert TemplateOverride.objects.get().text == "Hello {{ app.name }}"
    assert client.post(page(), {"act": "restore"}).status_code == 303
    assert not TemplateOverride.objects.exists()


def test_bad_words_come_back_with_the_reason(adam, client_for):
    client = client_for(adam)

    answer = client.post(page(), form(text="{% debug %} {{ nothing }}"))
    assert answer.status_code == 422
    assert "{% debug %} {{ nothing }}" in answer.content.decode()
    assert "This message does not know: nothing." in answer.content.decode()
    assert client.post(page("changes_requested"), form(text="Change it.")).status_code == 422
    assert client.post(f"{page()}preview/", form(text="{% debug %}")).status_code == 422
    assert client.get(page("no-such-template")).status_code == 404


def test_the_second_writer_sees_a_conflict_and_can_save_again(adam, client_for):
    client = client_for(adam)
    client.post(page(), form(subject="First"))

    late = client.post(page(), form(subject="Second"))
    assert late.status_code == 409
    assert 'name="revision" value="1"' in late.content.decode()
    assert client.post(page(), form(subject="Second", revision="1")).status_code == 303


def test_reviewers_look_and_do_not_change(rita, client_for):
    client = client_for(rita)

    assert client.get(page()).status_code == 200
    assert client.post(page(), form()).status_code == 403
    assert not TemplateOverride.objects.exists()


def test_the_preview_names_samples_for_every_placeholder():
    for kind in KINDS.values():
        for name in kind.names:
            assert placeholders.fill(f"{{{{ {name} }}}}", kind, sample_context(kind)), (kind.name, name)
