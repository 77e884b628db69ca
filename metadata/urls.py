from django.urls import path

from metadata import views

urlpatterns = [
    path("apps/<slug:slug>/listing/template/", views.app_template, name="app-template"),
    path("apps/<slug:slug>/listing/template/file/", views.app_template_file, name="app-template-file"),
    path("apps/<slug:slug>/listing/template/<int:pk>/", views.app_template_draft, name="app-template-draft"),
    path(
        "apps/<slug:slug>/listing/template/<int:pk>/<slug:name>.svg",
        views.app_template_picture,
        name="app-template-picture",
    ),
]
