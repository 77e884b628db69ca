"""Every address of the product, by the package that answers it."""

from django.contrib import admin
from django.urls import include, path

from devcenter import health, views
from devcenter.theme import set_theme

urlpatterns = [
    path("", views.home, name="home"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path(".well-known/security.txt", views.security_txt, name="security-txt"),
    path("theme/", set_theme, name="set-theme"),
    path("accounts/", include("allauth.urls")),
    path("account/", include("accounts.urls")),
    path("notices/", include("notifications.urls")),
    path("", include("partners.urls")),
    path("", include("apps_catalog.urls")),
    path("", include("testbench.urls")),
    path("", include("reviews.urls")),
    path("docs/", include("devcenter.docs.urls")),
    path("admin/review/", include("reviews.desk.urls")),
    path("admin/", admin.site.urls),
    path("dev/mail/", include("notifications.dev_urls")),
    path("dev/styleguide/", include("devcenter.styleguide.urls")),
]
