"""Pull requests, repositories and deliveries as staff see them. Staff watch repositories, and free a wrong claim."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe

from accounts.rules import is_reviewer
from apps_catalog.console import acting
from partners.looking import LookOnly, ReviewersLook
from pulls.lifecycle import release_claim
from pulls.models import CheckSuite, Delivery, PullRequest, Repository

REVIEWS_SHOWN, TEXT_SHOWN = 25, 300


@admin.register(Repository)
class RepositoryAdmin(ReviewersLook):
    """Administrators say which repositories count, and which branch of them is released."""

    list_display = ["name", "is_watched", "branch", "polled_at", "poll_error"]
    list_filter = ["is_watched"]
    search_fields = ["name"]
    readonly_fields = ["branch_sha", "branch_at", "polled_at", "poll_error", "poll_after"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Repository, form: Any, change: bool) -> None:
        """GitHub compares names without regard to case; what was told of another branch says nothing."""
        obj.name = obj.name.strip().strip("/").lower()
        if "branch" in form.changed_data:
            obj.branch_sha, obj.branch_at = "", None
        super().save_model(request, obj, form, change)


@admin.register(PullRequest)
class PullRequestAdmin(LookOnly, ReviewersLook):
    # Who wrote it beside who claimed it: that they are not the same people is what a wrong claim looks like.
    list_display = [
        "__str__", "app", "author", "linked_by", "verdict", "checks", "is_open", "is_draft", "merged_at", "changed_at",
    ]  # fmt: skip
    list_filter = ["is_open", "verdict", "checks", "repository"]
    list_select_related = ["app", "repository", "linked_by"]
    search_fields = ["title", "app__name", "app__slug", "=number"]
    exclude = ["is_polled"]
    readonly_fields = ["newest_reviews"]
    actions = ["free"]
    list_per_page = 25
    show_full_result_count = False

    def has_free_permission(self, request: HttpRequest) -> bool:
        return is_reviewer(request.user)

    @admin.display(description=f"newest reviews, {REVIEWS_SHOWN} at most")
    def newest_reviews(self, pull: PullRequest) -> str:
        lines = [
            (review.submitted_at, review.state, review.author, review.association, review.body[:TEXT_SHOWN])
            for review in pull.reviews.order_by("-submitted_at", "-github_id")[:REVIEWS_SHOWN]
        ]
        return format_html_join(mark_safe("<br>"), "{:%Y-%m-%d %H:%M}: {}, {} ({}): {}", lines) or "none"

    @admin.action(description="Take the claim of its App away", permissions=["free"])
    def free(self, request: HttpRequest, queryset: QuerySet[PullRequest]) -> None:
        """For a pull request that somebody linked who does not own it."""
        freed = sum(release_claim(acting(request), pull) for pull in queryset.order_by("pk"))
        messages.success(request, f"{freed} can be linked by another App now.")


@admin.register(CheckSuite)
class CheckSuiteAdmin(LookOnly, ReviewersLook):
    list_display = ["program", "status", "conclusion", "head_sha", "repository", "at"]
    list_filter = ["status", "conclusion"]
    list_select_related = ["repository"]
    search_fields = ["head_sha"]
    list_per_page = 25
    show_full_result_count = False


@admin.register(Delivery)
class DeliveryAdmin(LookOnly, ReviewersLook):
    list_display = ["guid", "event", "outcome", "pull", "received_at"]
    list_filter = ["outcome", "event"]
    list_select_related = ["pull__repository"]
    search_fields = ["guid"]
    list_per_page = 25
    show_full_result_count = False
