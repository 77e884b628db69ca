"""The rubric in the admin: a draft is edited, previewed, and switched on; the rest is history."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST, require_safe

from accounts.visitor import person
from apps_catalog.states import ComponentKind
from leases.transitions import StaleState
from partners.looking import ReviewersLook
from reviews import rubric_versions
from reviews.models import Probe, Rubric, Rule
from reviews.rubric_checks import REGISTRY
from reviews.states import RubricState


class RuleForm(forms.ModelForm):
    """A rule, its check chosen from those that exist, its canned reasons one a line."""

    check_name = forms.ChoiceField(
        label="Machine check", required=False, help_text="None: a person looks.",
        choices=[("", "none"), *((name, name) for name in sorted(REGISTRY))],
    )  # fmt: skip
    canned = forms.CharField(
        label="Canned reasons", required=False, max_length=6_000, help_text="One a line.",
        widget=forms.Textarea(attrs={"rows": 3, "cols": 80}),
    )  # fmt: skip

    kinds = forms.MultipleChoiceField(
        label="Kinds of component", required=False, help_text="None: every App is judged by it.",
        choices=ComponentKind, widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip

    class Meta:
        model = Rule
        fields = (
            "rule_id", "position", "step", "title", "text", "severity", "check_name", "canned", "applies_from", "kinds",
        )  # fmt: skip
        widgets = {"text": forms.Textarea(attrs={"rows": 2, "cols": 80})}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial["canned"] = "\n".join(self.instance.canned)

    def clean_canned(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data["canned"].splitlines() if line.strip()]


class RuleInline(admin.StackedInline):
    model = Rule
    form = RuleForm
    extra = 0
    fields = (
        ("rule_id", "position", "step"), "title", "text", ("severity", "check_name", "applies_from"), "kinds", "canned",
    )  # fmt: skip

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True  # whoever sees the version

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _may_edit(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _may_edit(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _may_edit(request, obj)


class RubricAdmin(ReviewersLook):
    list_display = ("__str__", "state", "note", "created_at", "created_by", "switched_on_at", "switched_on_by")
    list_select_related = ("created_by", "switched_on_by")
    list_filter = ("state",)
    list_per_page = 25
    fields = ("note", "state", "created_at", "created_by", "switched_on_at", "switched_on_by")
    readonly_fields = ("state", "created_at", "created_by", "switched_on_at", "switched_on_by")
    change_form_template = "admin/reviews/rubric/change_form.html"

    def get_inlines(self, request: HttpRequest, obj: Rubric | None) -> list[Any]:
        return [RuleInline] if obj else []

    def get_fields(self, request: HttpRequest, obj: Rubric | None = None) -> Any:
        return self.fields if obj else ("note",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """One draft at a time."""
        return _may_edit(request) and not Rubric.objects.filter(state=RubricState.DRAFT).exists()

    def has_change_permission(self, request: HttpRequest, obj: Rubric | None = None) -> bool:
        return _may_edit(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Rubric | None = None) -> bool:
        """Only a draft; never in bulk."""
        return obj is not None and _may_edit(request, obj)

    def save_model(self, request: HttpRequest, obj: Rubric, form: Any, change: bool) -> None:
        if change:
            rubric_versions.lock_draft(obj, person(request), "edited")
            super().save_model(request, obj, form, change)
            return
        try:
            draft = rubric_versions.start_draft(person(request), obj.note)
        except ValidationError as refusal:
            raise PermissionDenied(str(refusal)) from None
        obj.__dict__.update({name: value for name, value in draft.__dict__.items() if name != "_state"})
        obj._state.adding = False

    def delete_model(self, request: HttpRequest, obj: Rubric) -> None:
        rubric_versions.lock_draft(obj, person(request), "discarded")
        super().delete_model(request, obj)

    def response_add(self, request: HttpRequest, obj: Rubric, post_url_continue: str | None = None) -> HttpResponse:
        messages.success(request, "The draft has the rules in force. Change them, then preview.")
        return HttpResponseRedirect(reverse("admin:reviews_rubric_change", args=[obj.pk]))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/preview/", view(self.preview_view), name="reviews_rubric_preview"),
            path("<int:pk>/switch-on/", view(self.switch_on_view), name="reviews_rubric_switch_on"),
            *super().get_urls(),
        ]

    @method_decorator(require_safe)
    def preview_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Which verdicts on the last submissions this version would change."""
        rubric = get_object_or_404(Rubric, pk=pk)
        if not self.has_view_permission(request, rubric):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": f"Preview of {rubric}",
            "opts": self.opts,
            "rubric": rubric,
            "preview": rubric_versions.preview(rubric),
            "may_switch_on": _may_edit(request, rubric),
        }
        return TemplateResponse(request, "admin/reviews/rubric/preview.html", context)

    @method_decorator(require_POST)
    def switch_on_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        rubric = get_object_or_404(Rubric, pk=pk)
        try:
            rubric_versions.switch_on(rubric, person(request))
        except StaleState as late:
            messages.warning(request, f"Nothing was changed: this version is {RubricState(str(late.found)).label}.")
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
        else:
            messages.success(request, "Switched on. Submissions from now on are judged by it.")
        return HttpResponseRedirect(reverse("admin:reviews_rubric_changelist"))


class ProbeAdmin(ReviewersLook):
    """Looks from outside, to look at."""

    list_display = ("app", "why", "requested_at", "finished_at", "done_count")
    list_filter = ("why",)
    list_select_related = ("app",)
    search_fields = ("app__name", "app__slug")
    list_per_page = 25
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _may_edit(request: HttpRequest, rubric: Rubric | None = None) -> bool:
    return rubric_versions.can_edit_rubric(person(request)) and (rubric is None or rubric.is_draft)


def register(site: admin.AdminSite) -> None:
    site.register(Rubric, RubricAdmin)
    site.register(Probe, ProbeAdmin)
