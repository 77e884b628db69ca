"""The admin page “Forward an inquiry”: a form that sends a mail, and what was sent lately."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from accounts.visitor import person
from apps_catalog.models import App
from partners.looking import LookOnly, ReviewersLook
from upkeep import inquiries
from upkeep.models import Inquiry
from upkeep.rules import can_forward


class ForwardForm(forms.ModelForm):
    """What goes into the mail, and why it is sent."""

    app_slug = forms.SlugField(
        label="App", max_length=120, help_text="The last part of its address, as in acme-analytics."
    )
    reason = forms.CharField(
        label="Why it is forwarded", max_length=200,
        help_text="For example the ticket’s number. The company can read it, for good: no names, no addresses.",
    )  # fmt: skip

    class Meta:
        model = Inquiry
        fields = ["subject", "text", "customer_email"]
        labels = {"customer_email": "The customer’s address"}
        help_texts = {
            "customer_email": "Only if the customer agreed. Without it the maker answers in the App’s thread.",
            "text": "The customer’s words. They go out as they stand.",
        }

    def clean_app_slug(self) -> str:
        slug: str = self.cleaned_data["app_slug"]
        found = App.objects.filter(slug=slug).select_related("listing").first()
        if found is None:
            raise ValidationError("There is no App with this address.")
        if problem := inquiries.why_not(found):
            raise ValidationError(problem)
        self.app = found
        return slug

    def clean_reason(self) -> str:
        reason: str = self.cleaned_data["reason"]
        if "@" in reason:
            raise ValidationError("Leave addresses out: the reason is kept for good.")
        return reason


class InquiryAdmin(LookOnly, ReviewersLook):
    add_form_template = "admin/upkeep/inquiry/forward.html"
    list_display = ["subject", "app", "forwarded_by", "forwarded_at"]
    list_select_related = ["app", "forwarded_by"]
    search_fields = ["subject", "app__name", "app__slug"]
    list_per_page = 25
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return can_forward(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return can_forward(request.user) or super().has_view_permission(request, obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return can_forward(request.user) or super().has_module_permission(request)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, **kwargs) if obj else ForwardForm

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj:
            return super().get_fieldsets(request, obj)
        return [(None, {"fields": ["app_slug", "subject", "text", "customer_email", "reason"]})]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        return super().add_view(request, form_url, {"title": "Forward an inquiry", **(extra_context or {})})

    def save_model(self, request: HttpRequest, obj: Inquiry, form: Any, change: bool) -> None:
        data = form.cleaned_data
        words = {name: data[name] for name in ("subject", "text", "customer_email", "reason")}
        obj.pk, obj.app = inquiries.forward(person(request), form.app, **words).pk, form.app

    def response_add(self, request: HttpRequest, obj: Inquiry, post_url_continue: Any = None) -> HttpResponse:
        self.message_user(request, f"The inquiry is on its way to the makers of {obj.app.name}.", messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:upkeep_inquiry_changelist"))
