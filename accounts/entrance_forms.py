"""allauth's forms in the product's words: labels instead of placeholders, and hints that say what to do.

Apart from `accounts.forms`, which allauth itself imports.
"""

from typing import Any

from allauth.account import forms as account_forms
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.webauthn import forms as webauthn_forms
from django import forms

GOOD_ONE = "At least 10 characters. A few words that have nothing to do with each other work well."
CODE_LENGTH = 40
EMAIL, PASSWORD, AGAIN = "Email address", "Password", "The same password again"


class Plain(forms.Form):
    """Words for the fields of a form that a library wrote."""

    labels: dict[str, str] = {}
    hints: dict[str, str] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = self.labels.get(name, field.label)
            if name in self.hints:
                field.help_text = self.hints[name]


class Code(Plain):
    """A code that was mailed or that an app shows. People paste it with spaces, and phones show digits for it."""

    labels = {"code": "Code"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs |= {
            "maxlength": CODE_LENGTH, "autocapitalize": "characters", "spellcheck": "false", "class": "mono",
        }  # fmt: skip

    def clean_code(self) -> str:
        self.cleaned_data["code"] = "".join(self.cleaned_data["code"][:CODE_LENGTH].split())
        return str(super().clean_code())  # type: ignore[misc]


class LogInForm(Plain, account_forms.LoginForm):
    labels = {"login": EMAIL, "password": PASSWORD, "remember": "Keep me logged in on this device for two weeks"}
    hints = {"password": ""}


class SignUpForm(Plain, account_forms.SignupForm):
    labels = {"email": EMAIL, "password1": PASSWORD}
    hints = {
        "email": "Best the one of your company: it speeds up a request for access. We send a code to it.",
        "password1": GOOD_ONE,
    }


class AddEmailForm(Plain, account_forms.AddEmailForm):
    labels = {"email": "Another email address"}
    hints = {"email": "We send a code to it. The address is added once you have entered the code."}


class ChangePasswordForm(Plain, account_forms.ChangePasswordForm):
    labels = {"oldpassword": "Your current password", "password1": "New password", "password2": AGAIN}
    hints = {"oldpassword": "", "password1": GOOD_ONE}


class SetPasswordForm(Plain, account_forms.SetPasswordForm):
    labels = {"password1": "New password", "password2": AGAIN}
    hints = {"password1": GOOD_ONE}


class ResetPasswordForm(Plain, account_forms.ResetPasswordForm):
    labels = {"email": EMAIL}
    hints = {"email": "The one you log in with."}


class ResetPasswordKeyForm(Plain, account_forms.ResetPasswordKeyForm):
    labels = {"password1": "New password", "password2": AGAIN}
    hints = {"password1": GOOD_ONE}


class ReauthenticateForm(Plain, account_forms.ReauthenticateForm):
    labels = {"password": "Your password"}
    hints = {"password": ""}


class ConfirmEmailForm(Code, account_forms.ConfirmEmailVerificationCodeForm):
    pass


class ConfirmResetForm(Code, account_forms.ConfirmPasswordResetCodeForm):
    pass


class SecondFactorForm(Code, mfa_forms.AuthenticateForm):
    hints = {"code": "Six digits from your authenticator app, or one of your recovery codes."}


class SecondFactorAgainForm(Code, mfa_forms.ReauthenticateForm):
    hints = {"code": "Six digits from your authenticator app, or one of your recovery codes."}


class ActivateAppForm(Code, ActivateTOTPForm):
    labels = {"code": "Code from the app"}
    hints = {"code": "The six digits that the app shows now."}

    def clean_code(self) -> str:
        """The code, which then counts as used: whoever saw it typed cannot log in with it (T22)."""
        code = super().clean_code()
        TOTP(Authenticator(user=self.user, type=Authenticator.Type.TOTP))._mark_code_used(code)
        return code


class AddPasskeyForm(Plain, webauthn_forms.AddWebAuthnForm):
    labels = {"name": "Name", "passwordless": "Log in with it instead of the password"}
    hints = {
        "name": "So that you can tell your passkeys apart: “Work laptop”, “Blue key”.",
        "passwordless": "Your device asks for your fingerprint, face or PIN. Without this, it is a second factor only.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["maxlength"] = 60
        self.fields["passwordless"].initial = True


class RenamePasskeyForm(Plain, webauthn_forms.EditWebAuthnForm):
    labels = {"name": "Name"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["maxlength"] = 60
