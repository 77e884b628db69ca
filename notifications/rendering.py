"""From a template's name to the words of a mail."""

from dataclasses import dataclass
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import css_inline
from django.conf import settings
from django.template import Context
from django.template.loader import get_template
from django.utils import timezone

from accounts.models import User
from notifications import placeholders
from notifications.kinds import KINDS
from notifications.models import TemplateOverride
from notifications.validators import one_line


@dataclass(frozen=True)
class Words:
    subject: str
    text: str
    html: str


def render(
    template: str, context: dict[str, Any], *, to: User | str, url: str = "", override: TemplateOverride | None = None
) -> Words:
    """Render templates/mail/<template>.subject.txt, .txt and .html for one reader.

    The templates know `url` (absolute), `site_url`, `recipient` (the User, if it is one) and what `context`
    holds. Times appear in the reader's zone, whoever caused the mail. `override` stands in for the words that
    staff may have saved (a preview).
    """
    user = to if isinstance(to, User) else None
    context = {"recipient": user, "site_url": site_url(), **context, "url": site_url() + url if url else ""}
    override = override or changed(template)
    with timezone.override(ZoneInfo(user.time_zone if user else "UTC")):
        return _changed_words(override, context) if override else _original_words(template, context)


def changed(template: str) -> TemplateOverride | None:
    """What staff have put in the place of a template's words."""
    return TemplateOverride.objects.filter(template=template).first() if template in KINDS else None


def _original_words(template: str, context: dict[str, Any]) -> Words:
    subject = one_line(_plain(f"mail/{template}.subject.txt", context))
    text = _plain(f"mail/{template}.txt", {**context, "subject": subject})
    html = get_template(f"mail/{template}.html").render({**context, "subject": subject})
    return Words(subject, clean_text(text), _inliner().inline(html))


def _changed_words(override: TemplateOverride, context: dict[str, Any]) -> Words:
    """Frame, button and reason are the original's; subject and content are those of staff, as plain text."""
    kind = KINDS[override.template]
    subject = one_line(placeholders.fill(override.subject, kind, context))
    context = {**context, "subject": subject, "original": f"mail/{kind.name}.txt"}
    text = _plain("mail/override.txt", {**context, "words": placeholders.fill(override.text, kind, context)})
    context |= {"original": f"mail/{kind.name}.html", "words": placeholders.fill_html(override.text, kind, context)}
    html = get_template("mail/override.html").render(context)
    return Words(subject, clean_text(text), _inliner().inline(html))


def site_url() -> str:
    return str(settings.SITE_URL).rstrip("/")


def clean_text(text: str) -> str:
    """Without NUL (PostgreSQL refuses it) and surplus space at the ends."""
    return text.replace("\x00", "").strip() + "\n"


def _plain(name: str, context: dict[str, Any]) -> str:
    # Escaping is for HTML: “R&D” stays “R&D” here.
    template: Any = get_template(name)
    return str(template.template.render(Context(context, autoescape=False)))


@cache
def _inliner() -> css_inline.CSSInliner:
    # Rules in @media (dark mode, phones) cannot be inlined and stay; nothing is ever loaded.
    return css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)
