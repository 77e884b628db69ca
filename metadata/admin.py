"""Filled-in templates, as staff see them: what partners sent, and what could not be read."""

from django.contrib import admin

from metadata.models import TemplateDraft
from partners.looking import LookOnly, ReviewersLook


@admin.register(TemplateDraft)
class TemplateDraftAdmin(LookOnly, ReviewersLook):
    list_display = ["app", "way", "by", "at", "number_of_remarks", "taken_at", "dropped_at"]
    list_filter = ["way"]
    list_select_related = ["app", "by"]
    search_fields = ["app__name", "app__slug"]
    fields = ("app", "way", "by", "at", "text", "remarks", "taken_at", "taken_by", "dropped_at")
    list_per_page = 25
    show_full_result_count = False

    @admin.display(description="remarks")
    def number_of_remarks(self, draft: TemplateDraft) -> int:
        return len(draft.remarks)
