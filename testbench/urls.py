from django.urls import path

from testbench import views

_RUN = "apps/<slug:slug>/test/runs/<uuid:run_id>/"
_CASE = f"{_RUN}cases/<int:position>/"

urlpatterns = [
    path("apps/<slug:slug>/test/", views.suite_home, name="suite-home"),
    path("apps/<slug:slug>/test/send/", views.suite_single, name="suite-single"),
    path("apps/<slug:slug>/test/try/<slug:part>/", views.suite_try, name="suite-try"),
    path(_RUN, views.suite_run, name="suite-run"),
    path(f"{_RUN}live/", views.suite_live, name="suite-live"),
    path(f"{_RUN}cancel/", views.suite_cancel, name="suite-cancel"),
    path(f"{_RUN}rerun/", views.suite_rerun, name="suite-rerun"),
    path(f"{_RUN}compare/", views.suite_compare, name="suite-compare"),
    path(f"{_RUN}screenshot.png", views.suite_screenshot, name="suite-screenshot"),
    path(f"{_RUN}report/", views.suite_report, name="suite-report"),
    path(f"{_RUN}report.json", views.suite_report_json, name="suite-report-json"),
    path(f"{_CASE}curl/", views.suite_case_curl, name="suite-case-curl"),
    path(f"{_CASE}pytest/", views.suite_case_pytest, name="suite-case-pytest"),
    path(f"{_CASE}log.txt", views.suite_case_log, name="suite-case-log"),
    path(f"{_CASE}resend/", views.suite_case_resend, name="suite-case-resend"),
]
