"""Runs in the admin: to look at, never to change. What a run found belongs to the partner and the desk."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from testbench.models import CaseResult, SuiteRun


class LookOnly(admin.ModelAdmin):
    """Nothing is added, changed or deleted here: runs are made by verbs and removed by the purge."""

    list_per_page = 25
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ResultInline(admin.TabularInline):
    model = CaseResult
    fields = readonly_fields = ("position", "case_id", "type", "verdict", "status", "duration_ms", "message")
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(SuiteRun)
class SuiteRunAdmin(LookOnly):
    list_display = ("id", "app", "component", "kind", "state", "verdict", "requested_by", "created_at", "finished_at")
    list_filter = ("kind", "state", "verdict")
    list_select_related = ("app", "component", "requested_by")
    search_fields = ("app__name", "app__slug")
    date_hierarchy = "created_at"
    # The plan is long, and the sealed settings are nobody's to read.
    exclude = ("plan", "settings_sealed")
    inlines = (ResultInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[SuiteRun]:
        return super().get_queryset(request).defer("plan", "settings_sealed")


@admin.register(CaseResult)
class CaseResultAdmin(LookOnly):
    list_display = ("run", "position", "case_id", "verdict", "status", "duration_ms", "at")
    list_filter = ("verdict", "type")
    list_select_related = ("run__app",)
    search_fields = ("run__app__slug", "case_id")
