"""Addresses of the release train; its page of the desk stands in `trains.desk.urls`."""

from django.urls import path

from trains import views

urlpatterns = [path("releases/", views.release_calendar, name="release-calendar")]
