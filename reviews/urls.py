"""Addresses of the partner's and the customers' side of reviews; the desk has its own."""

from django.urls import path

from reviews.views import (
    betas,
    differences,
    doors,
    ending,
    overview,
    review,
    service_levels,
    submitting,
    thread,
    workspace,
)

urlpatterns = [
    path("service-levels/", service_levels.service_levels, name="service-levels"),
    path("apps/<slug:slug>/", overview.app_detail, name="app-detail"),
    path("apps/<slug:slug>/attest/", overview.app_attest, name="app-attest"),
    path("apps/<slug:slug>/sandbox/", workspace.app_workspace, name="app-workspace"),
    path("apps/<slug:slug>/submit/", submitting.app_submit, name="app-submit"),
    path("apps/<slug:slug>/submit/check/", submitting.app_submit_check, name="app-submit-check"),
    path("apps/<slug:slug>/review/", review.app_review, name="app-review"),
    path("apps/<slug:slug>/review/answers/", review.app_answers, name="app-answers"),
    path("apps/<slug:slug>/review/appeal/", review.app_appeal, name="app-appeal"),
    path("apps/<slug:slug>/differences/", differences.app_differences, name="app-differences"),
    path("apps/<slug:slug>/review/withdraw/", submitting.app_withdraw, name="app-withdraw"),
    path("apps/<slug:slug>/versions/<int:number>/", submitting.app_version, name="app-version"),
    path("apps/<slug:slug>/thread/", thread.app_thread, name="app-thread"),
    path("apps/<slug:slug>/questions/", submitting.app_enquiries, name="app-enquiries"),
    path("apps/<slug:slug>/danger/deprecate/", ending.app_deprecate, name="app-deprecate"),
    path("apps/<slug:slug>/danger/deprecate/undo/", ending.app_deprecate_undo, name="app-deprecate-undo"),
    path("apps/<slug:slug>/beta/", betas.app_beta, name="app-beta"),
    path("apps/<slug:slug>/beta/invite/", betas.app_beta_invite, name="app-beta-invite"),
    path("apps/<slug:slug>/beta/invites/<int:invite_id>/revoke/", betas.app_beta_revoke, name="app-beta-revoke"),
    path("apps/<slug:slug>/beta/invites/<int:invite_id>/restore/", betas.app_beta_restore, name="app-beta-restore"),
    path("apps/<slug:slug>/beta/invites/<int:invite_id>/resend/", betas.app_beta_resend, name="app-beta-resend"),
    path("apps/<slug:slug>/beta/access/", betas.app_beta_access, name="app-beta-access"),
    path("apps/<slug:slug>/beta/ask/", betas.app_beta_ask, name="app-beta-ask"),
    path("apps/<slug:slug>/beta/launch/", betas.app_beta_launch, name="app-beta-launch"),
    path("apps/<slug:slug>/beta/cancel/", betas.app_beta_cancel, name="app-beta-cancel"),
    path("goto-my-workspace/destinations/catalog/<str:slug>", doors.beta_door, name="beta-door"),
    path("goto-my-workspace/destinations/catalog/<str:slug>/about/", doors.beta_about, name="beta-about"),
    path("goto-my-workspace/destinations/catalog/<str:slug>/verify/", doors.beta_verify, name="beta-verify"),
    path("goto-my-workspace/destinations/catalog/<str:slug>/problem/", doors.beta_problem, name="beta-problem"),
    path("beta/<str:token>/", doors.beta_invite_accept, name="beta-invite-accept"),
]
