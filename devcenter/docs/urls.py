from django.urls import path

from devcenter.docs import views

urlpatterns = [
    path("", views.index, name="docs-index"),
    path("manifest.schema.json", views.manifest_schema, name="docs-manifest-schema"),
    path("<slug:slug>.md", views.markdown, name="docs-markdown"),
    path("<slug:slug>/", views.page, name="docs-page"),
]
