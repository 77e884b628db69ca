"""/apps/<slug>/differences/: what the draft changes of the live version, and by which road each change goes."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.visitor import person
from apps_catalog.console import app_page, see_other
from apps_catalog.models import App
from apps_catalog.proportion import in_words, roads_of_part
from apps_catalog.rules import can_edit_app
from reviews.desk.differences import Change, compare
from reviews.live_changes import on_save
from reviews.models import LiveChange
from reviews.proportion import Step, differences

CHANGES_SHOWN = 5


@require_http_methods(["GET", "HEAD", "POST"])
@app_page(can_edit_app)
def app_differences(request: HttpRequest, app: App) -> HttpResponse:
    """POST puts live what needs no review before; doing it twice is doing it once."""
    if request.method == "POST":
        told = on_save(person(request), app, "") if app.is_live else ""
        url = reverse("app-differences", args=[app.slug])
        return see_other(request, url, told or "There was nothing left to put live.")
    found = differences(app)
    context = {
        "found": found,
        "roads": [(road, [(step, _words(step)) for step in steps]) for road, steps in found.roads],
        "ready": found.ready,
        "waiting_review": any(not step.goes_live for step in found.steps),
        "table": [(road, ", ".join(names)) for road, names in roads_of_part("").items()],
        "changes": LiveChange.objects.filter(app=app).select_related("version", "app")[:CHANGES_SHOWN],
        "may_edit": can_edit_app(request.user, app),
    }
    return render(request, "reviews/app_differences.html", context)


def _words(step: Step) -> Change:
    change = step.change
    return compare(change.path, in_words(change.before), in_words(change.after))
