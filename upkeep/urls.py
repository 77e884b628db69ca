"""Addresses of life after launch."""

from django.urls import path

from upkeep import views

urlpatterns = [
    path("apps/<slug:slug>/upkeep/", views.app_upkeep, name="app-upkeep"),
    path("apps/<slug:slug>/upkeep/again/", views.app_upkeep_again, name="app-upkeep-again"),
    path("apps/<slug:slug>/upkeep/launch/<str:kind>/", views.app_upkeep_plan, name="app-upkeep-plan"),
    path("apps/<slug:slug>/upkeep/launch/<str:kind>/done/", views.app_upkeep_done, name="app-upkeep-done"),
    path("apps/<slug:slug>/upkeep/launch/<str:kind>/drop/", views.app_upkeep_drop, name="app-upkeep-drop"),
]
