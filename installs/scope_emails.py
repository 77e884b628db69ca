"""The mails about scopes beyond an App's own destination. Each function is called by one verb in `installs.clients`."""

from typing import Any

from django.urls import reverse

from installs.models import Client, ScopeRequest
from notifications.outbox import announce, queue
from partners.queries import editors_of, reviewers_for


def scope_asked(request: ScopeRequest) -> None:
    """To those who decide."""
    app = request.client.app
    url = reverse("admin:installs_scoperequest_change", args=[request.pk])
    notice = f"{app.name} asks for the scope “{request.scope_kind}”."
    context = {"app": app, "scope": request.scope_kind, "reason": request.reason}
    key = f"scope:{request.pk}:asked"
    for person in reviewers_for(app.company):
        queue("scope_asked", person, "scope_asked", context, notice=notice, url=url, case=_case(request.client),
              dedupe_key=f"{key}:user:{person.pk}")  # fmt: skip
    announce("scope_asked", "scope_asked", context, url=url, case=_case(request.client), dedupe_key=key)


def scope_granted(request: ScopeRequest) -> None:
    notice = f"{request.client.app.name} may use the scope “{request.scope_kind}” now."
    _to_partner(request.client, "scope_granted", notice, f"scope:{request.pk}:granted", scope=request.scope_kind)


def scope_declined(request: ScopeRequest) -> None:
    notice = f"The scope “{request.scope_kind}” for {request.client.app.name} was declined. The reason is inside."
    _to_partner(
        request.client, "scope_declined", notice, f"scope:{request.pk}:declined",
        scope=request.scope_kind, answer=request.answer,
    )  # fmt: skip


def scope_taken_back(client: Client, answer: str) -> None:
    notice = f"{client.app.name} is back to its own destination. The reason is inside."
    _to_partner(client, "scope_taken_back", notice, "", answer=answer)


def _to_partner(client: Client, kind: str, notice: str, key: str, **context: Any) -> None:
    """`key` names the effect: told twice, it is sent once. Without one the verb itself makes sure."""
    app, url = client.app, reverse("app-oauth", args=[client.app.slug])
    context = {"app": app, **context}
    for person in editors_of(app.company):
        queue(kind, person, kind, context, notice=notice, url=url, case=_case(client),
              dedupe_key=f"{key}:user:{person.pk}" if key else None)  # fmt: skip
    announce(kind, kind, context, url=url, case=_case(client), dedupe_key=key, company=app.chain)


def _case(client: Client) -> str:
    return f"app:{client.app_id}"
