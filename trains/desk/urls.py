"""The release train's page of the desk, below /admin/review/trains/."""

from django.urls import path

from trains.desk import views

urlpatterns = [path("", views.review_trains, name="review-trains")]
