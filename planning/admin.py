"""Plans and what is said about them, to look at. The team comments on the plan's own page."""

from django.contrib import admin

from partners.looking import LookOnly, ReviewersLook
from planning.models import Plan, PlanComment, PlannedAction, SlackSeat
from planning.seat_admin import SlackSeatAdmin

admin.site.register(SlackSeat, SlackSeatAdmin)


@admin.register(Plan)
class PlanAdmin(LookOnly, ReviewersLook):
    list_display = ["app", "auth_method", "revision", "asked_at", "looked_at", "updated_at"]
    list_filter = ["auth_method"]
    list_select_related = ["app"]
    search_fields = ["app__name", "app__slug"]
    list_per_page = 25
    show_full_result_count = False


@admin.register(PlannedAction)
class PlannedActionAdmin(LookOnly, ReviewersLook):
    list_display = ["name", "app", "key", "trigger"]
    list_select_related = ["plan__app"]
    search_fields = ["name", "key", "plan__app__name", "plan__app__slug"]
    list_per_page = 25
    show_full_result_count = False

    @admin.display(description="App")
    def app(self, action: PlannedAction) -> str:
        return action.plan.app.name


@admin.register(PlanComment)
class PlanCommentAdmin(LookOnly, ReviewersLook):
    list_display = ["__str__", "app", "section", "is_segment", "at", "settled_at"]
    list_filter = ["section", "is_segment"]
    list_select_related = ["plan__app"]
    search_fields = ["plan__app__name", "plan__app__slug"]
    list_per_page = 25
    show_full_result_count = False

    @admin.display(description="App")
    def app(self, comment: PlanComment) -> str:
        return comment.plan.app.name
