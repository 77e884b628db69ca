from django.urls import path

from testbench import views

urlpatterns = [
    path("apps/<slug:slug>/test/", views.suite_home, name="suite-home"),
    path("apps/<slug:slug>/test/send/", views.suite_single, name="suite-single"),
    path("apps/<slug:slug>/test/runs/<uuid:run_id>/", views.suite_run, name="suite-run"),
    path("apps/<slug:slug>/test/runs/<uuid:run_id>/live/", views.suite_live, name="suite-live"),
    path("apps/<slug:slug>/test/runs/<uuid:run_id>/cancel/", views.suite_cancel, name="suite-cancel"),
    path("apps/<slug:slug>/test/runs/<uuid:run_id>/rerun/", views.suite_rerun, name="suite-rerun"),
    path("apps/<slug:slug>/inbox/", views.app_inbox, name="app-inbox"),
]
