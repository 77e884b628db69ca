"""/apps/<slug>/settings/preview/: the customer's form, to be tried. Nothing typed here is kept."""

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from apps_catalog.console import app_page
from apps_catalog.customer_form import CustomerForm
from apps_catalog.models import App
from apps_catalog.rules import can_edit_app
from apps_catalog.setting_sending import Sent, sent_with


def _everybody(user: object, app: App) -> bool:
    """Trying changes nothing: whoever sees the App may."""
    return True


@require_http_methods(["GET", "HEAD", "POST"])
@app_page(_everybody)
def app_setting_preview(request: HttpRequest, app: App) -> HttpResponse:
    """The form as customers get it; sent, its errors (422) or what Segment would send with these values."""
    settings = list(app.settings.all())
    form = CustomerForm(request.POST if request.method == "POST" else None, settings=settings)
    sent = _sent(form)
    status = 422 if form.is_bound and sent is None else 200
    context = {"form": form, "sent": sent, "may_edit": can_edit_app(request.user, app)}
    return render(request, "apps_catalog/console/setting_preview.html", context, status=status)


def _sent(form: CustomerForm) -> Sent | None:
    if not form.is_valid():
        return None
    try:
        return sent_with(form.settings, form.values())
    except ValidationError as problem:
        form.add_error(None, problem)
        return None
