"""The front page, and where to report a weakness."""

from datetime import UTC, datetime, timedelta
from email.utils import parseaddr

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Three doors for visitors; who is signed in goes to their Apps."""
    if request.user.is_authenticated:
        return redirect("app-list")
    return render(request, "home.html")


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """RFC 9116; always valid for another half year."""
    _, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    expires = (datetime.now(UTC) + timedelta(days=180)).strftime("%Y-%m-%dT00:00:00Z")
    lines = [f"Contact: mailto:{address}", f"Expires: {expires}", "Preferred-Languages: en"]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
