"""The words that a seat in the partners' Slack workspace sends."""

from django.conf import settings
from django.urls import reverse

from notifications.outbox import queue
from planning.models import SlackSeat


def invited(seat: SlackSeat) -> None:
    """To who asked: the link, or that Slack's own invitation is on its way."""
    context = {"company": seat.company, "slack_url": settings.PARTNER_SLACK_URL}
    queue(
        "partner_slack_invited", seat.user, "partner_slack_invited", context,
        notice="You have a seat in the partners’ Slack workspace.",
        url=reverse("partner-slack", args=[seat.company.slug]), dedupe_key=f"slack-seat:{seat.pk}",
    )  # fmt: skip
