"""Addresses of seeing: the debugger, the event tester, deliveries, a week of Ada, regulations."""

from django.urls import path

from delivery.views import debugger, deliveries, delivery, regulations, replays, stories, tester

_SOURCE = "w/<slug:ws>/sources/<slug:source>/"
_DESTINATION = f"{_SOURCE}destinations/<slug:app_slug>/"

urlpatterns = [
    path(f"{_SOURCE}debugger/", debugger.source_debugger, name="source-debugger"),
    path(f"{_SOURCE}debugger/live/", debugger.source_debugger_live, name="source-debugger-live"),
    path(f"{_SOURCE}debugger/<int:event_id>/", debugger.source_event, name="source-event"),
    path(f"{_SOURCE}ada/", stories.source_story, name="source-story"),
    path(f"{_SOURCE}ada/<int:story_id>/live/", stories.source_story_live, name="source-story-live"),
    path(f"{_SOURCE}ada/<int:story_id>/cancel/", stories.source_story_cancel, name="source-story-cancel"),
    path(f"{_DESTINATION}tester/", tester.destination_tester, name="destination-tester"),
    path(f"{_DESTINATION}tester/<int:pk>/", tester.destination_tester_sent, name="destination-tester-sent"),
    path(f"{_DESTINATION}deliveries/", deliveries.destination_deliveries, name="destination-deliveries"),
    path(f"{_DESTINATION}deliveries.csv", deliveries.destination_deliveries_csv, name="destination-deliveries-csv"),
    path(f"{_DESTINATION}deliveries/problem/", deliveries.destination_problem, name="destination-problem"),
    path(f"{_DESTINATION}deliveries/replay/", replays.destination_replay, name="destination-replay"),
    path(f"{_DESTINATION}deliveries/replay/<int:pk>/cancel/", replays.replay_cancel, name="replay-cancel"),
    path(f"{_DESTINATION}deliveries/<int:pk>/", delivery.destination_delivery, name="destination-delivery"),
    path(f"{_DESTINATION}deliveries/<int:pk>/replay/", replays.delivery_replay, name="destination-delivery-replay"),
    path(f"{_DESTINATION}resume/", replays.destination_resume, name="destination-resume"),
    path("w/<slug:ws>/regulations/", regulations.workspace_regulations, name="workspace-regulations"),
]
