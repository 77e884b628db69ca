"""Who is asking: the one place that knows that a request behind `login_required` carries a User."""

from typing import cast

from django.http import HttpRequest

from accounts.models import User


def person(request: HttpRequest) -> User:
    """Who is signed in; only for views behind `login_required` or the admin's door."""
    return cast(User, request.user)
