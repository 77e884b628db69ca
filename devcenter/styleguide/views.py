"""Pages that show the design system with invented content; nothing here reads or writes the database."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from devcenter.styleguide import samples
from devcenter.templatetags import ui

View = Callable[[HttpRequest], HttpResponse]


def only_while_debugging(view: View) -> View:
    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if not settings.DEBUG:
            raise Http404
        return view(request)

    return guarded


@require_safe
@only_while_debugging
def components(request: HttpRequest) -> HttpResponse:
    pages = Paginator(range(100), 20)
    context = {
        "form": samples.SampleForm(initial=samples.FORM_VALUES),
        "wrong_form": samples.wrong_form(),
        "exchange": samples.EXCHANGE,
        "no_answer": samples.NO_ANSWER,
        "page_obj": pages.get_page(request.GET.get("page", 2)),
        "tones": ui.TONE_ICONS,
        "verdicts": ui.VERDICTS,
        "stages": ui.STAGE_TONES,
        "icons": sorted(ui.icon_names()),
        "now": samples.now(),
        "apps": samples.APPS,
        "sample_json": samples.EVENT,
    }
    return render(request, "devcenter/styleguide/index.html", context)


@require_safe
@only_while_debugging
def console(request: HttpRequest) -> HttpResponse:
    context = {
        "app": samples.APPS[0],
        "rail": samples.rail(),
        "cases": samples.CASES,
        "exchange": samples.EXCHANGE,
        "now": samples.now(),
    }
    return render(request, "devcenter/styleguide/console.html", context)


@require_safe
@only_while_debugging
def entrance(request: HttpRequest) -> HttpResponse:
    return render(request, "devcenter/styleguide/entrance.html", {"form": samples.LoginForm()})
