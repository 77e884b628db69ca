"""Everything that reviews keep, to look at. Decisions are taken at the desk, by the verbs."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from reviews.models import (
    Attestation,
    BetaInvite,
    Enquiry,
    Finding,
    Problem,
    Release,
    StepVerdict,
    Submission,
    Verification,
)


class LookOnly(admin.ModelAdmin):
    """What verbs own is looked at here, never added, changed or deleted."""

    show_full_result_count = False
    list_per_page = 25

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class LookOnlyInline(admin.TabularInline):
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class StepVerdictInline(LookOnlyInline):
    model = StepVerdict
    fields = readonly_fields = ("step", "outcome", "evidence", "by", "at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("by")


class FindingInline(LookOnlyInline):
    model = Finding
    fields = readonly_fields = ("step", "observed", "todo", "by", "at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("by")


@admin.register(Submission)
class SubmissionAdmin(LookOnly):
    list_display = ("app", "version_number", "state", "submitted_at", "due_at", "decided_at", "decided_by")
    list_filter = ("state",)
    search_fields = ("app__name", "app__slug")
    list_select_related = ("app", "version", "decided_by")
    inlines = (StepVerdictInline, FindingInline)

    @admin.display(description="version")
    def version_number(self, submission: Submission) -> int:
        return submission.version.number

    def get_queryset(self, request: HttpRequest) -> QuerySet[Submission]:
        return super().get_queryset(request).select_related("app", "version").defer("version__manifest")


@admin.register(Release)
class ReleaseAdmin(LookOnly):
    list_display = ("app", "requested_at", "due_at", "released_at", "released_by")
    search_fields = ("app__name", "app__slug")
    list_select_related = ("app", "released_by")


@admin.register(Enquiry)
class EnquiryAdmin(LookOnly):
    list_display = ("app", "kind", "asked_at", "answered_at")
    list_filter = ("kind",)
    search_fields = ("app__name", "app__slug")
    list_select_related = ("app",)


@admin.register(Attestation)
class AttestationAdmin(LookOnly):
    list_display = ("app", "item", "by", "at")
    list_filter = ("item",)
    search_fields = ("app__name", "app__slug")
    list_select_related = ("app", "by")


@admin.register(BetaInvite)
class BetaInviteAdmin(LookOnly):
    list_display = ("app", "email", "created_at", "expires_at", "accepted_at", "revoked_at")
    search_fields = ("app__name", "app__slug", "email")
    list_select_related = ("app",)
    exclude = ("token_hash",)


@admin.register(Verification)
class VerificationAdmin(LookOnly):
    list_display = ("app", "user", "at")
    search_fields = ("app__name", "app__slug")
    list_select_related = ("app", "user")


@admin.register(Problem)
class ProblemAdmin(LookOnly):
    list_display = ("app", "user", "at")
    search_fields = ("app__name", "app__slug", "text")
    list_select_related = ("app", "user")
    exclude = ("digest",)
