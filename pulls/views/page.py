"""/apps/<slug>/pull/: which pull request an App goes out by, and how it stands at GitHub."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps_catalog.console import DraftPage, acting, app_page, see_other
from apps_catalog.drafting import StaleDraft
from apps_catalog.models import App, Component
from apps_catalog.rules import can_edit_app
from pulls import lifecycle
from pulls.forms import LinkForm
from pulls.models import PullRequest, Repository
from pulls.standing import of_app, timeline
from pulls.wording import CHECKS, VERDICTS, advice_of, state_of
from runtime.github.pulls import Checks

TEMPLATE = "pulls/pull.html"
# Seconds between two looks: while something is on its way, and otherwise.
SOON, LATER = 3, 15


@require_safe
@app_page()
def app_pull(request: HttpRequest, app: App) -> HttpResponse:
    """The pull request, or the form that links one."""
    component = lifecycle.component_of(app)
    return render(request, TEMPLATE, _context(request, app, component, of_app(app)))


@never_cache
@require_safe
@app_page()
def app_pull_live(request: HttpRequest, app: App) -> HttpResponse:
    """The part of the page that follows GitHub; empty once nothing is linked."""
    return render(request, "pulls/_live.html", _live(request, app, of_app(app)))


@require_http_methods(["GET", "HEAD", "POST"])
@app_page(can_edit_app)
def app_pull_link(request: HttpRequest, app: App) -> HttpResponse:
    component = lifecycle.component_of(app)
    if request.method != "POST" or component is None:
        return see_other(request, _home(app))
    pull = of_app(app)
    form = LinkForm(request.POST, component=component, is_linked=pull is not None)
    page = DraftPage(
        template=TEMPLATE,
        save=lambda valid: _link(request, app, valid),
        revision=lambda: Component.objects.get(pk=component.pk).revision,
        done_url=_home(app),
        context=_context(request, app, component, pull, form),
    )
    return page.answer(request, form)


def _link(request: HttpRequest, app: App, form: LinkForm) -> str:
    pull = lifecycle.link(acting(request), app, form.cleaned_data["address"], form.cleaned_data["revision"])
    return f"{pull} is linked."


@require_POST
@app_page(can_edit_app)
def app_pull_unlink(request: HttpRequest, app: App) -> HttpResponse:
    """Only the revision that the person saw: a colleague may have linked another one meanwhile."""
    text = request.POST.get("revision", "")
    try:
        done = lifecycle.unlink(acting(request), app, int(text) if text.isdecimal() and len(text) < 10 else None)
    except StaleDraft:
        messages.warning(request, "Somebody changed this in the meantime. Nothing was unlinked.")
        return see_other(request, _home(app))
    return see_other(request, _home(app), "The pull request is no longer linked." if done else "")


@require_POST
@app_page(can_edit_app)
def app_pull_refresh(request: HttpRequest, app: App) -> HttpResponse:
    pull = of_app(app)
    if pull is not None and lifecycle.ask(pull):
        return see_other(request, _home(app), "We are asking GitHub. The page follows by itself.")
    messages.info(
        request, "GitHub was asked a moment ago." if pull and pull.asked_at else "GitHub cannot be asked here."
    )
    return see_other(request, _home(app))


def _home(app: App) -> str:
    return reverse("app-pull", args=[app.slug])


def _context(
    request: HttpRequest, app: App, component: Component | None, pull: PullRequest | None, form: LinkForm | None = None
) -> dict[str, Any]:
    """`form`: the one that was sent, if any."""
    context = _live(request, app, pull) | {"component": component}
    if component is None:
        return context
    return context | {
        "form": form or LinkForm(component=component, is_linked=pull is not None),
        "repositories": [] if pull else _watched(),
        "unlink_url": reverse("app-pull-unlink", args=[app.slug]),
        "unlink_fields": {"revision": component.revision},
    }


def _watched() -> list[str]:
    return list(Repository.objects.filter(is_watched=True).values_list("name", flat=True)[:5])


def _live(request: HttpRequest, app: App, pull: PullRequest | None) -> dict[str, Any]:
    context: dict[str, Any] = {"app": app, "pull": pull, "may_edit": can_edit_app(request.user, app)}
    if pull is None:
        return context
    return context | {
        "state": state_of(pull),
        "verdict": VERDICTS[pull.verdict],
        "checks": CHECKS[pull.checks],
        "advice": advice_of(pull),
        "timeline": timeline(pull),
        "may_ask": bool(settings.GITHUB_TOKEN) and context["may_edit"],
        "seconds": SOON if _is_moving(pull) else LATER,
        "is_over": not pull.is_open and not pull.is_asked,
    }


def _is_moving(pull: PullRequest) -> bool:
    return pull.is_asked or not pull.is_seen or pull.checks == Checks.RUNNING
