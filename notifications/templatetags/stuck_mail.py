"""The line on the first page of the admin about messages that wait for staff."""

from typing import Any

from django import template
from django.utils import timezone

from notifications.stuck import stuck

register = template.Library()


@register.inclusion_tag("admin/notifications/stuck.html", takes_context=True)
def stuck_mail(context: dict[str, Any]) -> dict[str, Any]:
    """Nothing for those who may not look at the outbox."""
    may_look = context["user"].has_perm("notifications.view_outboxmessage")
    return {"found": stuck(timezone.now()) if may_look else []}
