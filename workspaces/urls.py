"""Addresses of workspaces. What happens in them (debugger, tester, deliveries) is in delivery/urls.py."""

from django.urls import path

from workspaces.views import destinations, installing, invitations, keys, members, places, sources

_SOURCE = "w/<slug:ws>/sources/<slug:source>/"
_DESTINATION = f"{_SOURCE}destinations/<slug:app_slug>/"

urlpatterns = [
    path("w/", places.workspace_list, name="workspace-list"),
    path("w/new/", places.new, name="workspace-new"),
    path("w/invitations/<str:token>/", invitations.accept, name="workspace-invitation"),
    path("w/join/<int:pk>/", invitations.join, name="workspace-join"),
    path("w/<slug:ws>/", places.home, name="workspace-home"),
    path("w/<slug:ws>/rename/", places.rename, name="workspace-rename"),
    path("w/<slug:ws>/members/", members.page, name="workspace-members"),
    path("w/<slug:ws>/members/<int:pk>/role/", members.change_role, name="workspace-member-role"),
    path("w/<slug:ws>/members/<int:pk>/remove/", members.remove, name="workspace-member-remove"),
    path("w/<slug:ws>/leave/", members.leave, name="workspace-leave"),
    path("w/<slug:ws>/invitations/<int:pk>/resend/", members.resend, name="workspace-invitation-resend"),
    path("w/<slug:ws>/invitations/<int:pk>/revoke/", members.revoke, name="workspace-invitation-revoke"),
    path("w/<slug:ws>/invitations/<int:pk>/restore/", members.restore, name="workspace-invitation-restore"),
    path("w/<slug:ws>/install/<slug:app_slug>/", installing.install, name="workspace-install"),
    path("w/<slug:ws>/sources/new/", sources.new, name="source-new"),
    path(_SOURCE, sources.detail, name="source-detail"),
    path(f"{_SOURCE}edit/", sources.edit, name="source-edit"),
    path(f"{_SOURCE}switch/", sources.switch, name="source-switch"),
    path(f"{_SOURCE}remove/", sources.remove, name="source-remove"),
    path(f"{_SOURCE}keys/rotate/", keys.rotate, name="source-key-rotate"),
    path(f"{_SOURCE}keys/<int:pk>/disable/", keys.disable, name="source-key-disable"),
    path(_DESTINATION, destinations.detail, name="destination-detail"),
    path(f"{_DESTINATION}switch/", destinations.switch, name="destination-switch"),
    path(f"{_DESTINATION}remove/", destinations.remove, name="destination-remove"),
]
