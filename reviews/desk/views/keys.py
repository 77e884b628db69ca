"""The switch for the keys of the desk."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from accounts.visitor import person
from reviews.desk.keys import turn_keys
from reviews.desk.pages import desk_page, see


@desk_page
@require_POST
def review_keys(request: HttpRequest) -> HttpResponse:
    """Back to the page that the switch stood on."""
    on = request.POST.get("keys") == "on"
    turn_keys(person(request), on=on)
    messages.success(request, f"The keys of the desk are {'on' if on else 'off'}.")
    back = request.POST.get("back_to", "")
    is_ours = back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return see(back if is_ours else reverse("review-desk"))
