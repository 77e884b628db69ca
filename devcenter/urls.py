"""Every address of the product, by the package that answers it."""

from django.contrib import admin
from django.urls import include, path

from devcenter import company_activity, health, views
from devcenter.theme import set_theme
from notifications import mail_door
from notifications.views import mail_preferences

urlpatterns = [
    path("", views.home, name="home"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path(".well-known/security.txt", views.security_txt, name="security-txt"),
    path("theme/", set_theme, name="set-theme"),
    path("accounts/", include("allauth.urls")),
    path("account/mail/", mail_preferences, name="account-mail"),
    path("account/", include("accounts.urls")),
    path("notices/", include("notifications.urls")),
    path("mail/in/", mail_door.take, name="mail-door"),
    path("company/<slug:slug>/activity/", company_activity.page, name="company-activity"),
    path("company/<slug:slug>/activity.jsonl", company_activity.export, name="company-activity-export"),
    path("", include("partners.urls")),
    path("", include("apps_catalog.urls")),
    path("", include("metadata.urls")),
    path("", include("workspaces.urls")),
    path("", include("delivery.urls")),
    path("", include("tracking.urls")),
    path("", include("installs.urls")),
    path("", include("planning.urls")),
    path("", include("pulls.urls")),
    path("", include("testbench.urls")),
    path("", include("trains.urls")),
    path("", include("reviews.urls")),
    path("", include("upkeep.urls")),
    path("docs/", include("devcenter.docs.urls")),
    path("admin/review/trains/", include("trains.desk.urls")),
    path("admin/review/", include("reviews.desk.urls")),
    path("admin/", admin.site.urls),
    path("dev/mail/", include("notifications.dev_urls")),
    path("dev/styleguide/", include("devcenter.styleguide.urls")),
]
