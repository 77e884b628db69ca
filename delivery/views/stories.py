"""“A week of Ada”: start it, watch it, end it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps_catalog.console import see_other
from delivery import story
from delivery.forms import StoryForm
from delivery.models import Story
from delivery.views.finding import MAX_ID, STOP_POLLING, person
from leases.transitions import StaleState
from workspaces.models import Source
from workspaces.page import place_of, source_page
from workspaces.rules import can_write

KEPT = 10


@source_page(can_write)
@require_http_methods(["GET", "HEAD", "POST"])
def source_story(request: HttpRequest, source: Source) -> HttpResponse:
    """The newest week with its progress, the form that starts another, and the weeks before."""
    form = StoryForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            story.start(person(request), source, form.cleaned_data["pace"])
            return see_other(request, _page_of(source))
        except ValidationError as error:
            form.add_error(None, error)
    stories = list(Story.objects.filter(source=source).select_related("requested_by")[:KEPT])
    context = {
        "source": source,
        "form": form,
        "played": story.Played(stories[0]) if stories else None,
        "earlier": [story.Played(each) for each in stories[1:]],
        "has_destination": source.destinations.filter(is_enabled=True, paused_at__isnull=True).exists(),
        "may_write": place_of(request).may_write,
    }
    return render(request, "delivery/story.html", context, status=422 if form.is_bound else 200)


@source_page()
@require_safe
def source_story_live(request: HttpRequest, source: Source, story_id: int) -> HttpResponse:
    """The part of the page that changes; ends with 286."""
    found = story.Played(_find(source, story_id))
    context = {"source": source, "played": found, "may_write": place_of(request).may_write}
    status = 200 if found.state == "playing" else STOP_POLLING
    return render(request, "delivery/_story_live.html", context, status=status)


@source_page(can_write)
@require_POST
def source_story_cancel(request: HttpRequest, source: Source, story_id: int) -> HttpResponse:
    found = _find(source, story_id)
    try:
        story.cancel(person(request), found)
    except StaleState:
        messages.info(request, "The week was over before it could be cancelled.")
    else:
        messages.success(request, "The week ends here. What was sent stays.")
    return see_other(request, _page_of(source))


def _find(source: Source, story_id: int) -> Story:
    found = get_object_or_404(Story.objects.filter(source=source), pk=min(story_id, MAX_ID))
    found.source = source
    return found


def _page_of(source: Source) -> str:
    return reverse("source-story", args=[source.workspace.slug, source.slug])
