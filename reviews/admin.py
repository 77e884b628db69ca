"""Everything that reviews keep, to look at. Decisions are taken at the desk, by the verbs."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from notifications.models import InboundMail
from reviews import rubric_admin
from reviews.inbound_admin import InboundMailAdmin
from reviews.models import (
    Appeal,
    Attestation,
    BetaInvite,
    Enquiry,
    Evidence,
    Finding,
    LiveChange,
    Problem,
    Release,
    ServiceLevels,
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


@admin.register(Evidence)
class EvidenceAdmin(LookOnly):
    list_display = ("submission", "digest", "at")
    search_fields = ("digest", "submission__app__name", "submission__app__slug")
    list_select_related = ("submission__app", "submission__version")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Evidence]:
        """The list names rows; a document is read on its own page only."""
        return super().get_queryset(request).defer("document", "submission__evidence", "submission__version__manifest")


@admin.register(ServiceLevels)
class ServiceLevelsAdmin(LookOnly):
    list_display = ("at",)


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


@admin.register(Appeal)
class AppealAdmin(LookOnly):
    list_display = ("submission", "state", "at", "due_at", "judged_at")
    list_filter = ("state",)
    search_fields = ("submission__app__name", "submission__app__slug")
    list_select_related = ("submission__app", "submission__version")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Appeal]:
        return super().get_queryset(request).defer("submission__evidence", "submission__version__manifest")


@admin.register(LiveChange)
class LiveChangeAdmin(LookOnly):
    list_display = ("app", "state", "at", "due_at", "judged_at")
    list_filter = ("state",)
    search_fields = ("app__name", "app__slug")
    list_select_related = ("app", "version")

    def get_queryset(self, request: HttpRequest) -> QuerySet[LiveChange]:
        return super().get_queryset(request).defer("version__manifest")


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


admin.site.register(InboundMail, InboundMailAdmin)
rubric_admin.register(admin.site)
