from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from audit.models import Record


@admin.register(Record)
class RecordAdmin(admin.ModelAdmin):
    """The record can be read here and nowhere changed."""

    list_display = ["at", "actor", "action", "target", "chain_id", "seq"]
    list_filter = ["action"]
    search_fields = ["target", "chain__name", "actor"]
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
