"""What is kept of somebody's filled-in templates; they go with their App, and after a while by themselves."""

from typing import Any

from accounts.models import User
from metadata.models import TemplateDraft


def data_of(user: User) -> list[dict[str, Any]]:
    """The templates that this person sent, as they came."""
    drafts = TemplateDraft.objects.filter(by=user).select_related("app").order_by("pk")
    return [{"app": one.app.slug, "way": one.way, "at": one.at.isoformat(), "text": one.text} for one in drafts]
