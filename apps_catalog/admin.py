"""The admin: categories are edited here; everything that verbs own is read."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from apps_catalog.models import (
    App,
    AppVersion,
    Asset,
    CatalogEntry,
    Category,
    CodeVersion,
    Component,
    EchoInbox,
    LinkCheck,
    Listing,
    RemovedSetting,
    ReviewerAccess,
    Setting,
)


class ReadOnlyAdmin(admin.ModelAdmin):
    """Looks only: these rows are written by verbs, each with its rule and its record."""

    list_per_page = 25
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):
    """Hidden instead of deleted: entries and drafts refer to it."""

    list_display = ("name", "slug", "is_active")
    list_filter = ("is_active",)
    search_fields = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyInline(admin.TabularInline):
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ComponentInline(ReadOnlyInline):
    model = Component
    fields = ("kind", "endpoint", "updated_at")
    readonly_fields = fields


class SettingInline(ReadOnlyInline):
    model = Setting
    fields = ("key", "label", "type", "required", "sensitive")


class VersionInline(ReadOnlyInline):
    model = AppVersion
    fields = ("number", "digest", "created_at", "created_by")
    readonly_fields = fields
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[AppVersion]:
        return super().get_queryset(request).select_related("app", "created_by").defer("manifest")


@admin.register(App)
class AppAdmin(ReadOnlyAdmin):
    list_display = ("name", "slug", "company", "stage", "stage_since", "deleted_at")
    list_filter = ("stage", "invited_only")
    list_select_related = ("company",)
    search_fields = ("name", "slug", "company__name")
    inlines = (ComponentInline, SettingInline, VersionInline)


@admin.register(AppVersion)
class AppVersionAdmin(ReadOnlyAdmin):
    list_display = ("app", "number", "digest", "created_at", "created_by")
    list_select_related = ("app", "created_by")
    search_fields = ("app__name", "app__slug", "digest")

    def get_queryset(self, request: HttpRequest) -> QuerySet[AppVersion]:
        return super().get_queryset(request).select_related("app", "created_by")


@admin.register(Component)
class ComponentAdmin(ReadOnlyAdmin):
    list_display = ("app", "kind", "endpoint", "updated_at")
    list_filter = ("kind",)
    list_select_related = ("app",)
    search_fields = ("app__name", "app__slug")
    exclude = ("test_settings_sealed",)


@admin.register(CodeVersion)
class CodeVersionAdmin(ReadOnlyAdmin):
    list_display = ("component_name", "number", "note", "saved_at", "saved_by")
    search_fields = ("component__app__name", "component__app__slug", "sha256")

    def get_queryset(self, request: HttpRequest) -> QuerySet[CodeVersion]:
        return super().get_queryset(request).select_related("component__app", "saved_by", "restored_from")

    @admin.display(description="component")
    def component_name(self, version: CodeVersion) -> str:
        return f"{version.component.app}: {version.component}"


@admin.register(Setting)
class SettingAdmin(ReadOnlyAdmin):
    list_display = ("app", "key", "label", "type", "required", "sensitive")
    list_filter = ("type",)
    list_select_related = ("app",)
    search_fields = ("app__name", "app__slug", "key")


@admin.register(RemovedSetting)
class RemovedSettingAdmin(ReadOnlyAdmin):
    list_display = ("app", "key", "label", "removed_at")
    list_select_related = ("app",)
    search_fields = ("app__name", "app__slug", "key")


@admin.register(Listing)
class ListingAdmin(ReadOnlyAdmin):
    list_display = ("app", "primary_category", "website", "updated_at")
    list_select_related = ("app", "primary_category")
    search_fields = ("app__name", "app__slug")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Listing]:
        return super().get_queryset(request).select_related("app", "primary_category", "logo", "mark")


@admin.register(ReviewerAccess)
class ReviewerAccessAdmin(ReadOnlyAdmin):
    """Whether there is a test account. What is in it is opened on the review desk, on the record."""

    list_display = ("app", "has_username", "has_password", "has_api_key", "updated_at")
    list_select_related = ("app",)
    search_fields = ("app__name", "app__slug")
    fields = ("app", "login_url", "has_username", "has_password", "has_api_key", "notes", "updated_at")
    readonly_fields = fields

    @admin.display(boolean=True, description="user name")
    def has_username(self, access: ReviewerAccess) -> bool:
        return bool(access.username_sealed)

    @admin.display(boolean=True, description="password")
    def has_password(self, access: ReviewerAccess) -> bool:
        return bool(access.password_sealed)

    @admin.display(boolean=True, description="API key")
    def has_api_key(self, access: ReviewerAccess) -> bool:
        return bool(access.api_key_sealed)


@admin.register(Asset)
class AssetAdmin(ReadOnlyAdmin):
    list_display = ("sha256", "content_type", "size", "created_at")
    search_fields = ("sha256",)


@admin.register(EchoInbox)
class EchoInboxAdmin(ReadOnlyAdmin):
    list_display = ("app",)
    list_select_related = ("app",)
    search_fields = ("app__name", "app__slug")
    exclude = ("token",)


@admin.register(LinkCheck)
class LinkCheckAdmin(ReadOnlyAdmin):
    list_display = ("listing", "due_at", "attempts")

    def get_queryset(self, request: HttpRequest) -> QuerySet[LinkCheck]:
        return super().get_queryset(request).select_related("listing__app")


@admin.register(CatalogEntry)
class CatalogEntryAdmin(ReadOnlyAdmin):
    list_display = ("name", "maker", "slug", "is_beta", "listed_at", "is_noteworthy")
    list_filter = ("is_beta", "is_noteworthy")
    search_fields = ("name", "maker", "slug")

    def get_queryset(self, request: HttpRequest) -> QuerySet[CatalogEntry]:
        return super().get_queryset(request).select_related("app", "version__app", "logo", "mark")
