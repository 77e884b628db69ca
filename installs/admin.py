"""Clients, installs and requests for a wider scope, as staff see them. No secret and no token is anywhere."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from oauth2_provider import models as toolkit

from installs.models import Client, ClientSecret, Install, ScopeRequest
from installs.scope_desk import ScopeRequestAdmin
from partners.looking import LookOnly, ReviewersLook

# The toolkit registers its own pages for whatever model is swapped in; they show and change what verbs own here.
for _model in (
    toolkit.get_application_model(), toolkit.get_grant_model(), toolkit.get_access_token_model(),
    toolkit.get_refresh_token_model(), toolkit.get_id_token_model(), toolkit.get_device_grant_model(),
):  # fmt: skip
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)


_OF_A_CLIENT = ("client_id", "app", "scope_kind", "is_classic", "redirect_uris", "created", "updated")
_OF_A_SECRET = ("name", "hint", "created_at", "last_used_at", "created_by")


class SecretInline(LookOnly, admin.TabularInline):
    """The partner's that work: when each was made and used. Of the digest nothing is shown."""

    model = ClientSecret
    fields = _OF_A_SECRET
    readonly_fields = _OF_A_SECRET
    extra = 0

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True  # whoever sees the client

    def get_queryset(self, request: HttpRequest) -> QuerySet[ClientSecret]:
        return super().get_queryset(request).filter(retired_at__isnull=True, is_trial=False)


@admin.register(Client)
class ClientAdmin(LookOnly, ReviewersLook):
    list_display = ["client_id", "app", "scope_kind", "is_classic", "created"]
    list_filter = ["scope_kind", "is_classic"]
    list_select_related = ["app"]
    search_fields = ["client_id", "app__name", "app__slug"]
    fields = _OF_A_CLIENT
    readonly_fields = _OF_A_CLIENT
    inlines = [SecretInline]
    list_per_page = 25
    show_full_result_count = False


@admin.register(Install)
class InstallAdmin(LookOnly, ReviewersLook):
    """Its tokens are nowhere to be seen: they are kept as digests."""

    list_display = ["name", "client_app", "workspace", "scope_kind", "state", "activated_at", "last_used_at"]
    list_filter = ["state", "scope_kind", "is_trial", "end_reason"]
    list_select_related = ["client__app", "workspace"]
    search_fields = ["client__app__name", "client__app__slug", "workspace__name", "workspace__slug"]
    list_per_page = 25
    show_full_result_count = False

    @admin.display(description="App")
    def client_app(self, install: Install) -> str:
        return install.client.app.name


admin.site.register(ScopeRequest, ScopeRequestAdmin)
