"""What the admin classes of this package have in common: who may look, and that looking is all."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from accounts.rules import is_reviewer


class ReviewersLook(admin.ModelAdmin):
    """Reviewers may look at everything of this package; more is up to each class."""

    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_reviewer(request.user) or super().has_view_permission(request, obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return is_reviewer(request.user) or super().has_module_permission(request)


class LookOnly:
    """What verbs own is looked at here, never added, changed or deleted."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
