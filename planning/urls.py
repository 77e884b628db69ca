"""Addresses of the plan and the set-up guide of a destination by pull request."""

from django.urls import URLPattern, path

from planning.views import actions, desk, guide, plan, seats, talking

_PLAN = [
    path("apps/<slug:slug>/plan/", plan.app_plan, name="app-plan"),
    path("apps/<slug:slug>/plan/mode/", plan.app_plan_mode, name="app-plan-mode"),
    path("apps/<slug:slug>/plan/ask/", plan.app_plan_ask, name="app-plan-ask"),
    path("apps/<slug:slug>/plan/looked/", plan.app_plan_looked, name="app-plan-looked"),
    path("apps/<slug:slug>/plan/plan.md", plan.app_plan_document, name="app-plan-document"),
    path("apps/<slug:slug>/plan/plan.json", plan.app_plan_json, name="app-plan-json"),
    path("apps/<slug:slug>/plan/preview/", actions.app_plan_preview, name="app-plan-preview"),
    path("apps/<slug:slug>/plan/comments/", talking.app_plan_comment, name="app-plan-comment"),
    path("apps/<slug:slug>/plan/comments/<int:pk>/settle/", talking.app_plan_settle, name="app-plan-settle"),
    path("apps/<slug:slug>/plan/actions/new/", actions.app_plan_action_new, name="app-plan-action-new"),
    path("apps/<slug:slug>/plan/actions/edit/<slug:key>/", actions.app_plan_action, name="app-plan-action"),
    path("apps/<slug:slug>/plan/actions/move/<slug:key>/", plan.app_plan_action_move, name="app-plan-action-move"),
    path(
        "apps/<slug:slug>/plan/actions/remove/<slug:key>/",
        actions.app_plan_action_remove,
        name="app-plan-action-remove",
    ),
    path(
        "apps/<slug:slug>/plan/actions/restore/<slug:key>/",
        actions.app_plan_action_restore,
        name="app-plan-action-restore",
    ),
]
_GUIDE = [
    path("apps/<slug:slug>/guide/", guide.app_guide, name="app-guide"),
    path("apps/<slug:slug>/guide/scaffold.zip", guide.app_scaffold, name="app-scaffold"),
    path("apps/<slug:slug>/guide/<slug:item>/", guide.app_guide_tick, name="app-guide-tick"),
]
# Segment's team, beside the desk's own pages.
_DESK = [path("admin/review/plans/", desk.review_plans, name="review-plans")]

_SEATS = [path("company/<slug:slug>/partner-slack/", seats.partner_slack, name="partner-slack")]

urlpatterns: list[URLPattern] = [*_SEATS, *_PLAN, *_GUIDE, *_DESK]
