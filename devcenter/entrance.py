"""The forms of every page by which a person gets in: allauth’s, in the words and fields of this product."""

ACCOUNT_FORMS = {
    "login": "accounts.entrance_forms.LogInForm",
    "signup": "accounts.entrance_forms.SignUpForm",
    "add_email": "accounts.entrance_forms.AddEmailForm",
    "change_password": "accounts.entrance_forms.ChangePasswordForm",
    "set_password": "accounts.entrance_forms.SetPasswordForm",
    "reset_password": "accounts.entrance_forms.ResetPasswordForm",
    "reset_password_from_key": "accounts.entrance_forms.ResetPasswordKeyForm",
    "reauthenticate": "accounts.entrance_forms.ReauthenticateForm",
    "confirm_email_verification_code": "accounts.entrance_forms.ConfirmEmailForm",
    "confirm_password_reset_code": "accounts.entrance_forms.ConfirmResetForm",
}
MFA_FORMS = {
    "authenticate": "accounts.entrance_forms.SecondFactorForm",
    "reauthenticate": "accounts.entrance_forms.SecondFactorAgainForm",
    "activate_totp": "accounts.entrance_forms.ActivateAppForm",
    "add_webauthn": "accounts.entrance_forms.AddPasskeyForm",
    "edit_webauthn": "accounts.entrance_forms.RenamePasskeyForm",
}
