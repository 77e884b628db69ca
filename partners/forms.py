"""Forms of the applicant and of a company's owners. The reviewer's form is in `vetting`."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.html import format_html

from partners.models import ANSWER_LIMIT, AccessRequest, AgreementVersion, Company, Membership
from partners.states import Role
from partners.validators import read_address, read_website, validate_one_line

NEEDED = {
    "company_name": "Enter the name of your company.",
    "company_website": "Enter the address of your company’s website.",
}
TOO_LONG = "Shorten this to %(limit_value)d characters at most; it has %(show_value)d now."


class TextField(forms.CharField):
    """A long answer. Browsers send line breaks as two characters but count them as one; so do we."""

    widget = forms.Textarea(attrs={"rows": 4})

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n")


class SurveyForm(forms.Form):
    """The six answers of S3. `final` asks for what a request needs; otherwise everything may be missing."""

    company_name = forms.CharField(
        label="Company name",
        max_length=120,
        required=False,
        validators=[validate_one_line],
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    company_website = forms.CharField(
        label="Company website",
        max_length=300,
        required=False,
        validators=[validate_one_line],
        help_text="We look at it to see what you do.",
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "url"}),
    )
    data_today = TextField(
        label="How does your customers’ data get into your tool today?",
        max_length=ANSWER_LIMIT,
        required=False,
        help_text="A script on their site, an API, an import, a connector…",
    )
    data_from_segment = TextField(
        label="Where will data sent by Segment land in your tool, and how will it show?",
        max_length=ANSWER_LIMIT,
        required=False,
        help_text="Name the screens or reports in which a customer will find it.",
    )
    use_cases = TextField(
        label="What do your customers use your tool for?",
        max_length=ANSWER_LIMIT,
        required=False,
        help_text="Two or three typical uses are enough.",
    )
    heard_from = forms.CharField(
        label="How did you hear of Segment?", max_length=300, required=False, validators=[validate_one_line]
    )
    revision = forms.IntegerField(
        min_value=0, widget=forms.HiddenInput, error_messages={"required": "Load the page again."}
    )

    def __init__(self, *args: Any, final: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.final = final
        for name, advice in NEEDED.items():
            # A draft may lack them; a fresh page says all the same that they are not optional.
            self.fields[name].required = final or not self.is_bound
            self.fields[name].error_messages["required"] = advice
        for field in self.fields.values():
            field.error_messages["max_length"] = TOO_LONG
            # What is pasted must arrive whole, so that nothing is cut off unseen; the server says what is too long.
            if limit := field.widget.attrs.pop("maxlength", None):
                field.widget.attrs["data-counter"] = limit

    @property
    def answers(self) -> dict[str, str]:
        return {name: value for name, value in self.cleaned_data.items() if name != "revision"}

    def clean_company_website(self) -> str:
        website: str = self.cleaned_data["company_website"]
        return read_website(website) if self.final else website


class AgreementsForm(forms.Form):
    """One box for each document in force that has not been accepted yet (S4).

    The name of a box carries the version's id: a document that changed between the reading and the click
    has to be accepted anew.
    """

    def __init__(self, *args: Any, agreements: Iterable[AgreementVersion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.agreements = {f"agreement_{agreement.pk}": agreement for agreement in agreements}
        for name, agreement in self.agreements.items():
            self.fields[name] = forms.BooleanField(
                label=f"I accept the {agreement.get_document_display()}",
                help_text=format_html(
                    'Version {}, in force since {}. <a href="{}" target="_blank" rel="noopener">Read it</a> '
                    "(opens in a new tab).",
                    agreement.version, f"{agreement.effective_at:%-d %B %Y}", agreement.url,
                ),
                error_messages={"required": "Please read and accept this document."},
            )  # fmt: skip

    @property
    def agreed(self) -> list[AgreementVersion]:
        return [agreement for name, agreement in self.agreements.items() if self.cleaned_data.get(name)]


class InviteForm(forms.Form):
    email = forms.CharField(
        label="Email address", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    role = forms.ChoiceField(label="Role", choices=Role, initial=Role.DEVELOPER)

    def clean_email(self) -> str:
        return read_address(self.cleaned_data["email"])


class RoleForm(forms.Form):
    role = forms.ChoiceField(label="Role", choices=Role)


class HandOverForm(forms.Form):
    """Offers the company's other members."""

    member = forms.ModelChoiceField(
        Membership.objects.none(), label="New owner", empty_label="Choose a member",
        error_messages={"invalid_choice": "This person is no longer a member. Choose somebody else."},
    )  # fmt: skip

    def __init__(self, *args: Any, company: Company, giver: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = company.memberships.exclude(user_id=giver.pk).select_related("user")
        field = self.fields["member"]
        field.queryset = others  # type: ignore[attr-defined]
        field.label_from_instance = lambda member: f"{member.user.display_name} ({member.user.email})"  # type: ignore[attr-defined]


class DeleteCompanyForm(forms.Form):
    """Asks for the company's name, so that nobody deletes the wrong one."""

    name = forms.CharField(label="Company name", max_length=120, widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def __init__(self, *args: Any, company: Company, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.company = company
        self.fields["name"].help_text = format_html("Type <b>{}</b> to confirm.", company.name)

    def clean_name(self) -> str:
        typed: str = self.cleaned_data["name"].strip()
        if typed.casefold() != self.company.name.casefold():
            raise forms.ValidationError("This is not the company’s name.", code="name")
        return typed


def initial_answers(access_request: AccessRequest) -> dict[str, Any]:
    return access_request.answers | {"revision": access_request.revision}
