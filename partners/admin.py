"""The admin of this package: access requests (`desk`), the switches, and everything else to look at."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.rules import is_reviewer
from accounts.visitor import person
from audit.recording import record
from partners.desk import AccessRequestAdmin
from partners.looking import LookOnly, ReviewersLook
from partners.models import (
    AccessRequest,
    AgreementVersion,
    ClosedDay,
    Company,
    Intake,
    Invitation,
    Membership,
    Policy,
    RemovedMember,
)

SETTINGS_CHAIN = "settings"
# What a new version of the policy does not take over from the one before.
ANEW = frozenset({"id", "note", "created_by"})


admin.site.register(AccessRequest, AccessRequestAdmin)


class MembershipInline(LookOnly, admin.TabularInline):
    model = Membership
    fields = readonly_fields = ("user", "role", "joined_at")
    extra = 0

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_reviewer(request.user) or super().has_view_permission(request, obj)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return super().get_queryset(request).select_related("user", "company")


@admin.register(Company)
class CompanyAdmin(LookOnly, ReviewersLook):
    list_display = ["name", "slug", "website", "is_house", "created_at", "archived_at", "delete_after"]
    list_filter = (
        "is_house",
        ("archived_at", admin.EmptyFieldListFilter),
        ("delete_after", admin.EmptyFieldListFilter),
    )
    search_fields = ["name", "slug", "website"]
    list_per_page = 25
    show_full_result_count = False
    inlines = [MembershipInline]


@admin.register(Membership)
class MembershipAdmin(LookOnly, ReviewersLook):
    list_display = ["user", "company", "role", "joined_at"]
    list_filter = ["role"]
    list_select_related = ["user", "company"]
    search_fields = ["user__email", "company__name"]
    list_per_page = 25
    show_full_result_count = False


@admin.register(RemovedMember)
class RemovedMemberAdmin(LookOnly, ReviewersLook):
    list_display = ["user", "company", "role", "joined_at", "removed_at"]
    list_select_related = ["user", "company"]
    search_fields = ["user__email", "company__name"]
    list_per_page = 25
    show_full_result_count = False


@admin.register(Invitation)
class InvitationAdmin(LookOnly, ReviewersLook):
    list_display = ["email", "company", "role", "created_at", "expires_at", "accepted_at", "revoked_at"]
    list_select_related = ["company"]
    search_fields = ["email", "company__name"]
    exclude = ["token_hash"]
    list_per_page = 25
    show_full_result_count = False


@admin.register(AgreementVersion)
class AgreementVersionAdmin(ReviewersLook):
    """Versions are added, never edited: people have accepted what they say."""

    list_display = ["document", "version", "url", "effective_at"]
    list_filter = ["document"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: AgreementVersion, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        record(person(request), "agreement.added", obj, chain=SETTINGS_CHAIN, version=obj.version)


@admin.register(Intake)
class IntakeAdmin(ReviewersLook):
    """The switch of S7. Reviewers may turn it; there is one row, and it stays."""

    list_display = ["__str__", "accepting", "notice"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_reviewer(person(request))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return is_reviewer(person(request)) and not Intake.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Intake, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        action = "intake.opened" if obj.accepting else "intake.closed"
        record(person(request), action, obj, chain=SETTINGS_CHAIN)


@admin.register(Policy)
class PolicyAdmin(ReviewersLook):
    """A change is a new version, filled in with the one in force; the old ones stay as they were (D48)."""

    list_display = ["__str__", "created_at", "created_by", "note"]
    list_select_related = ["created_by"]
    exclude = ["created_by"]
    list_per_page = 25

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        current = Policy.current()
        numbers = [field.name for field in Policy._meta.fields if field.editable and field.name not in ANEW]
        return {name: getattr(current, name) for name in numbers}

    def has_change_permission(self, request: HttpRequest, obj: Policy | None = None) -> bool:
        """The form of the version in force saves a new one; older versions can only be read."""
        return super().has_change_permission(request, obj) and (obj is None or obj.pk == Policy.current().pk)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Policy, form: Any, change: bool) -> None:
        obj.pk = None
        obj._state.adding = True
        obj.created_by = person(request)
        obj.save(force_insert=True)
        record(person(request), "policy.changed", obj, chain=SETTINGS_CHAIN, fields=list(form.changed_data))


@admin.register(ClosedDay)
class ClosedDayAdmin(ReviewersLook):
    list_display = ["day", "reason"]
    date_hierarchy = "day"
