"""`/dev/styleguide/`: every component on one page, for people who build pages. 404 unless DEBUG is on."""

from django.urls import path

from devcenter.styleguide import views

app_name = "styleguide"
urlpatterns = [
    path("", views.components, name="index"),
    path("console/", views.console, name="console"),
    path("entrance/", views.entrance, name="entrance"),
]
