"""`{% load review_steps %}{% step_words step %}`: a step of S29 in words that fit the App of the page."""

from django import template
from django.template.context import Context

from reviews.states import ReviewStep

register = template.Library()


@register.simple_tag(takes_context=True)
def step_words(context: Context, step: str) -> str:
    """What the desk says of the submission counts before the checklist, which is that of the draft."""
    by_pull = context.get("is_by_pull_alone")
    if by_pull is None:
        by_pull = getattr(context.get("rail"), "is_by_pull_alone", False)
    return ReviewStep(step).words(by_pull=bool(by_pull))
