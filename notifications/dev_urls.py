from django.urls import path

from notifications import dev_views

urlpatterns = [
    path("", dev_views.mail_list, name="dev-mail-list"),
    path("<str:name>/", dev_views.mail_detail, name="dev-mail-detail"),
    path("<str:name>/html/", dev_views.mail_frame, name="dev-mail-frame"),
]
