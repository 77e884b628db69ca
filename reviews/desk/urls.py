"""Addresses of the review desk, below /admin/review/."""

from django.urls import path

from reviews.desk.views import evidence, queue, releases, submissions

urlpatterns = [
    path("", queue.review_desk, name="review-desk"),
    path("releases/<int:pk>/", releases.review_release, name="review-release"),
    path("<uuid:pk>/", submissions.review_submission, name="review-submission"),
    path("<uuid:pk>/runs/", evidence.review_runs, name="review-runs"),
    path("<uuid:pk>/runs/<uuid:run_id>/", evidence.review_run, name="review-run"),
    path("<uuid:pk>/reveal/", evidence.review_reveal, name="review-reveal"),
]
