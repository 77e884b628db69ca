"""How log-in is wired: allauth's mails go through our outbox, its words are ours, and the admin's door is allauth's."""

import time
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.decorators import secure_admin_login
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.models import User
from notifications import outbox
from notifications.rendering import site_url
from vault.sealing import seal, unseal

# What the sealed secrets of authenticator apps and recovery codes are bound to.
SECOND_FACTOR = "second-factor"
PASSKEY_NAMES = ("My passkey", "My other passkey")


class AccountAdapter(DefaultAccountAdapter):
    """Sends allauth's codes and notes as rows of the outbox, so that none is lost with a mail server."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "This address and this password do not go together. Check both and try again.",
        "too_many_login_attempts": "Too many failed tries. Wait five minutes, then try again.",
        "rate_limited": "That was a little fast. Wait a moment, then try again.",
        "incorrect_code": "This is not the code we sent last. Check it, or ask for a new one.",
        "incorrect_password": "This is not your password.",
        "enter_current_password": "This is not your current password.",
        "duplicate_email": "This address is on your account already.",
        "email_taken": "This address belongs to another account.",
        "max_email_addresses": "An account can have %d addresses. Remove one that you no longer need.",
        "cannot_remove_primary_email": "We write to this address. Make another one primary first.",
        "unverified_primary_email": "Enter the code we sent to this address first; then it can be primary.",
    }

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Queue one mail. Links start from SITE_URL: no header of a request gets into a mail (T22, T30)."""
        mail = self.render_mail(template_prefix, email, {**context, "email": email, "site_url": site_url()})
        outbox.queue_raw("account", email, str(mail.subject), str(mail.body))

    def format_email_subject(self, subject: str) -> str:
        return f"{subject} – Segment Developer Center"

    def send_account_already_exists_mail(self, email: str) -> None:
        # A new account costs one hash of a password. Without it here, the clock would tell who has one (T22).
        User().set_password("not a password of anybody")
        super().send_account_already_exists_mail(email)

    def is_safe_url(self, url: str) -> bool:
        """Whether `next` may be followed: paths of this site and nothing else (T28)."""
        return url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        if request.user.is_staff:
            return "/admin/review/"
        return super().get_login_redirect_url(request)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Logging in is authentication too: whoever did so within the last 15 minutes is not asked again (T23)."""
        return super().is_reauthentication_required(app=app, **kwargs) and not self._came_in_recently()

    def _came_in_recently(self) -> bool:
        records = get_authentication_records(self.request, self.request.user)
        newest = max((record["at"] for record in records), default=0.0)
        return time.time() - newest < app_settings.REAUTHENTICATION_TIMEOUT

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        words = {
            "reauthenticate": "Use your password",
            "mfa_reauthenticate": "Use a code",
            "mfa_reauthenticate:webauthn": "Use a passkey",
        }
        return [way | {"description": words[way["id"]]} for way in super().get_reauthentication_methods(user)]


class SecondFactorAdapter(DefaultMFAAdapter):
    """Seals what second factors are made of, and names things as the rest of the product does."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "That is not it, or it was used already. Wait for the next code, or use another way.",
        "unverified_email": "Confirm your email address first: we could not reach you if you lost your device.",
        "cannot_delete_authenticator": "Staff accounts keep a second factor. Add another one before you remove this.",
    }

    def encrypt(self, text: str) -> str:
        return seal(text, SECOND_FACTOR)

    def decrypt(self, encrypted_text: str) -> str:
        """Raises CannotOpen when its key is no longer among VAULT_KEYS."""
        return unseal(encrypted_text, SECOND_FACTOR)

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:  # noqa: A002
        number = Authenticator.objects.filter(user=user, type=type).count()
        return PASSKEY_NAMES[number] if number < len(PASSKEY_NAMES) else f"Passkey {number + 1}"

    def _get_site_name(self) -> str:
        return "Segment Developer Center"


def guard_admin() -> None:
    """Puts the admin's own log-in behind allauth: its rate limits and second factor hold there too."""
    admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
    admin.site.site_header = admin.site.site_title = "Segment Developer Center"
    admin.site.index_title = "Administration"
