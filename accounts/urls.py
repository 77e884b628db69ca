from django.urls import path

from accounts import views

urlpatterns = [
    path("", views.home, name="account-home"),
    path("export/", views.export, name="account-export"),
    path("delete/", views.delete, name="account-delete"),
    path("session/", views.session, name="account-session"),
    path("sessions/<int:pk>/end/", views.end_session, name="account-session-end"),
    path("keep/", views.keep, name="account-keep"),
]
