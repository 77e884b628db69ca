"""Life after launch: what the nightly check found, where a risk stands, what is done for the launch (S36, S37)."""

from django.db import models


class Found(models.TextChoices):
    PASSED = "passed", "passed"
    FAILED = "failed", "failed"
    UNSURE = "unsure", "could not be checked"


class RiskState(models.TextChoices):
    OPEN = "open", "at risk"
    CLEARED = "cleared", "cleared"
    DELISTED = "delisted", "delisted"


# verb → (from, to). `upkeep.risks` is the only writer of Risk.state.
RISK_MOVES: dict[str, tuple[frozenset[str], str]] = {
    "clear": (frozenset({RiskState.OPEN}), RiskState.CLEARED),
    "delist": (frozenset({RiskState.OPEN}), RiskState.DELISTED),
}


class LaunchKind(models.TextChoices):
    BLOG_POST = "blog_post", "Blog post on your own site"
    RECIPE = "recipe", "Recipe: how customers solve a problem with it"
    CO_MARKETING = "co_marketing", "Story with Segment’s marketing team"
