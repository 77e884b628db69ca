from django.urls import path

from accounts import views

urlpatterns = [
    path("", views.home, name="account-home"),
    path("export/", views.export, name="account-export"),
    path("delete/", views.delete, name="account-delete"),
    path("keep/", views.keep, name="account-keep"),
]
