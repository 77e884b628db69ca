"""Addresses of the review desk, below /admin/review/."""

from django.urls import path

from reviews.desk.views import access, claims, evidence, keys, queue, releases, submissions, thread, verdicts

urlpatterns = [
    path("", queue.review_desk, name="review-desk"),
    path("releases/<int:pk>/", releases.review_release, name="review-release"),
    path("releases/<int:pk>/claim/", claims.review_release_claim, name="review-release-claim"),
    path("apps/<slug:slug>/thread/", thread.review_thread, name="review-thread"),
    path("access/<int:pk>/", access.review_access, name="review-access"),
    path("access/<int:pk>/claim/", claims.review_access_claim, name="review-access-claim"),
    path("keys/", keys.review_keys, name="review-keys"),
    path("verdicts/", verdicts.review_verdicts, name="review-verdicts"),
    path("appeals/<int:pk>/", verdicts.review_appeal, name="review-appeal"),
    path("live-changes/<int:pk>/", verdicts.review_live_change, name="review-live-change"),
    path("<uuid:pk>/claim/", claims.review_claim, name="review-claim"),
    path("<uuid:pk>/", submissions.review_submission, name="review-submission"),
    path("<uuid:pk>/runs/", evidence.review_runs, name="review-runs"),
    path("<uuid:pk>/runs/<uuid:run_id>/", evidence.review_run, name="review-run"),
    path("<uuid:pk>/reveal/", evidence.review_reveal, name="review-reveal"),
]
