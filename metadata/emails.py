"""The words that a mailed template is answered with."""

from django.urls import reverse

from accounts.models import User
from metadata.models import TemplateDraft
from notifications.outbox import queue

# So many remarks stand in a mail; the page has them all.
MOST_REMARKS = 12


def template_read(draft: TemplateDraft, to: User) -> None:
    """To who sent it: what a person has to look at. An answer to it is read as a corrected template."""
    app, said = draft.app, [_sentence(one) for one in draft.remarks]
    more = [f"And {len(said) - MOST_REMARKS} more, on the page."] if len(said) > MOST_REMARKS else []
    context = {"app": app, "remarks": "\n".join([*said[:MOST_REMARKS], *more])}
    queue(
        "template_read", to, "template_read", context, url=reverse("app-template-draft", args=[app.slug, draft.pk]),
        notice=f"The template that you sent for {app.name} was read.", case=f"catalog:{app.pk}",
        dedupe_key=f"template:{draft.pk}:read", can_reply=True,
    )  # fmt: skip


def _sentence(remark: dict[str, object]) -> str:
    return f"Line {remark['line']}: {remark['text']}" if remark["line"] else str(remark["text"])
