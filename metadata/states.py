"""How a filled-in template came in."""

from django.db import models


class Way(models.TextChoices):
    PASTED = "pasted", "Pasted in the console"
    MAILED = "mailed", "Sent by mail"
