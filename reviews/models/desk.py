"""What a reviewer has chosen for their own desk."""

from django.conf import settings
from django.db import models


class DeskChoice(models.Model):
    """How one person works at the desk; without a row, as everybody does."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="desk_choice"
    )
    # Keys of one character can be turned off (WCAG 2.1.4).
    shortcuts = models.BooleanField(default=True)

    def __str__(self) -> str:
        return f"desk of {self.user_id}"
