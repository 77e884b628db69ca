from django.urls import path

from notifications import views

urlpatterns = [
    path("", views.notice_list, name="notice-list"),
    path("read/", views.notice_read_all, name="notice-read-all"),
    path("<int:pk>/open/", views.notice_open, name="notice-open"),
]
