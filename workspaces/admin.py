"""The admin of this package: to look at. What changes is changed by the members, on their own pages."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from partners.looking import LookOnly, ReviewersLook
from workspaces.models import Destination, Source, Workspace, WorkspaceInvitation, WorkspaceMember


@admin.register(Workspace)
class WorkspaceAdmin(LookOnly, ReviewersLook):
    list_display = ["name", "slug", "region", "personal_of", "created_at"]
    list_filter = ["region", ("personal_of", admin.EmptyFieldListFilter)]
    list_select_related = ["personal_of"]
    search_fields = ["name", "slug"]
    list_per_page = 25
    show_full_result_count = False


@admin.register(WorkspaceMember)
class WorkspaceMemberAdmin(LookOnly, ReviewersLook):
    list_display = ["user", "workspace", "role", "joined_at"]
    list_filter = ["role"]
    list_select_related = ["user", "workspace"]
    search_fields = ["user__email", "workspace__name"]
    list_per_page = 25
    show_full_result_count = False


@admin.register(WorkspaceInvitation)
class WorkspaceInvitationAdmin(LookOnly, ReviewersLook):
    list_display = ["email", "workspace", "role", "created_at", "expires_at", "accepted_at", "revoked_at"]
    list_select_related = ["workspace"]
    search_fields = ["email", "workspace__name"]
    exclude = ["token_hash"]
    list_per_page = 25
    show_full_result_count = False


@admin.register(Source)
class SourceAdmin(LookOnly, ReviewersLook):
    """Removed ones too. Write keys stand on the pages of the workspace only."""

    list_display = ["name", "workspace", "library", "is_enabled", "created_at", "removed_at"]
    list_filter = ["library", "is_enabled", ("removed_at", admin.EmptyFieldListFilter)]
    list_select_related = ["workspace"]
    search_fields = ["name", "slug", "workspace__name"]
    list_per_page = 25
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Source]:
        return Source.every.order_by(*self.get_ordering(request) or ("-pk",))


@admin.register(Destination)
class DestinationAdmin(LookOnly, ReviewersLook):
    """Removed ones too. The sealed settings are not for staff."""

    list_display = ["app", "source", "is_enabled", "paused_at", "created_at", "removed_at"]
    list_filter = ["is_enabled", ("paused_at", admin.EmptyFieldListFilter), ("removed_at", admin.EmptyFieldListFilter)]
    list_select_related = ["app", "source__workspace"]
    search_fields = ["app__name", "app__slug", "source__name", "source__workspace__name"]
    exclude = ["settings_sealed"]
    list_per_page = 25
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return Destination.every.order_by(*self.get_ordering(request) or ("-pk",))
