"""The overview of an App: its checklist in full, and what only the partner can confirm."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.visitor import person
from apps_catalog.console import app_page, see_other
from apps_catalog.models import App
from reviews.attestations import attest, retract
from reviews.checklist import rail_for
from reviews.events import recent_events
from reviews.forms import AttestForm
from reviews.queries import submissions_of
from reviews.refusals import Refused
from reviews.rules import can_attest
from reviews.states import Attested
from reviews.waits import review_wait

PEOPLE_SHOWN = 12


@require_safe
@app_page()
def app_detail(request: HttpRequest, app: App) -> HttpResponse:
    return render(request, "reviews/app_detail.html", _context(request, app, AttestForm()))


@require_POST
@app_page(can_attest)
def app_attest(request: HttpRequest, app: App) -> HttpResponse:
    form = AttestForm(request.POST)
    if not form.is_valid():
        return render(request, "reviews/app_detail.html", _context(request, app, form), status=422)
    item = Attested(form.cleaned_data["item"])
    if request.POST.get("undo"):
        retract(app, person(request), item)
        messages.success(request, f"Taken back: {item.label}.")
        return _back(app, request, item)
    try:
        attest(app, person(request), item, form.cleaned_data["note"])
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return render(request, "reviews/app_detail.html", _context(request, app, form), status=422)
    messages.success(request, f"Confirmed: {item.label}.")
    return _back(app, request, item)


def _back(app: App, request: HttpRequest, item: Attested) -> HttpResponse:
    return see_other(request, f"{reverse('app-detail', args=[app.slug])}#item-{item.value}")


def _context(request: HttpRequest, app: App, form: AttestForm) -> dict[str, object]:
    submission = submissions_of(app).first()
    people = app.company.memberships.select_related("user")[:PEOPLE_SHOWN]
    return {
        "checklist": rail_for(app),
        "events": recent_events(app),
        "people": people,
        "submission": submission,
        "wait": review_wait(submission) if submission else None,
        "can_attest": can_attest(person(request), app),
        "form": form,
    }
