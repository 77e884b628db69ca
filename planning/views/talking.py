"""/apps/<slug>/plan/comments/: what both sides say about a plan."""

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from apps_catalog.console import acting, app_page, see_other
from apps_catalog.models import App
from planning import talk, team
from planning.forms import CommentForm
from planning.models import Plan, PlanComment
from planning.reading import actions_of, plan_of
from planning.rules import can_talk


@require_http_methods(["GET", "HEAD", "POST"])
@app_page(can_talk)
def app_plan_comment(request: HttpRequest, app: App) -> HttpResponse:
    """Say something about a part of the plan. What cannot be taken comes back as it was typed, on a page of its own.

    Looked at again, that page is the plan.
    """
    if request.method != "POST":
        return see_other(request, reverse("app-plan", args=[app.slug]))
    form = CommentForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            comment = team.say(acting(request), app, data["section"], data["text"], data["action_key"])
        except ValidationError as problem:
            form.add_error(None, problem)
        else:
            return see_other(request, _place(app, comment), "Your comment is there, and the other side is told.")
    return render(request, "planning/comment.html", {"form": form}, status=422)


@require_POST
@app_page(can_talk)
def app_plan_settle(request: HttpRequest, app: App, pk: int) -> HttpResponse:
    """Close a comment; twice is once."""
    comment = get_object_or_404(PlanComment.objects.select_related("plan"), pk=pk, plan__app=app)
    comment.plan.app = app
    team.settle(acting(request), comment)
    return see_other(request, _place(app, comment), "The comment is settled.")


def _place(app: App, comment: PlanComment) -> str:
    plan: Plan = plan_of(app)
    keys = [action.key for action in actions_of(plan)] if comment.action_key else []
    return talk.place(plan, comment.section, comment.action_key, keys)
