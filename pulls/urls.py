"""Addresses of pull requests: GitHub's door, and the App's page in the console."""

from django.urls import path

from pulls.views import page, webhook

urlpatterns = [
    path("github/webhook", webhook.take, name="github-webhook"),
    path("apps/<slug:slug>/pull/", page.app_pull, name="app-pull"),
    path("apps/<slug:slug>/pull/live/", page.app_pull_live, name="app-pull-live"),
    path("apps/<slug:slug>/pull/link/", page.app_pull_link, name="app-pull-link"),
    path("apps/<slug:slug>/pull/unlink/", page.app_pull_unlink, name="app-pull-unlink"),
    path("apps/<slug:slug>/pull/refresh/", page.app_pull_refresh, name="app-pull-refresh"),
]
