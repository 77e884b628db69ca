"""The set-up guide's ticks (S16), and seats in the partners' Slack workspace (S8, 003)."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import User
from apps_catalog.models import App
from partners.models import Company
from planning.states import GuideItem


class GuideTick(models.Model):
    app = models.ForeignKey(App, on_delete=models.CASCADE, related_name="guide_ticks")
    item = models.CharField(max_length=12, choices=GuideItem)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["app", "item"], name="guide_tick_once")]

    def __str__(self) -> str:
        return self.get_item_display()


class SlackSeat(models.Model):
    """A member of a partner company who asked into the partners' Slack workspace. Staff invite by hand or by link."""

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="slack_seats")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="slack_seats")
    asked_at = models.DateTimeField(default=timezone.now)
    invited_at = models.DateTimeField(null=True, blank=True)
    invited_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["asked_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["company", "user"], name="slack_seat_once")]

    def __str__(self) -> str:
        return f"{self.user} of {self.company}"
