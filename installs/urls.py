"""Addresses of "Enable with Segment": the flow, the Config API, and the pages around them."""

from django.urls import URLPattern, URLResolver, include, path

from installs.oauth import endpoints
from installs.views import access, authorize, console, trials

# What partners' servers ask for tokens (D42, D43). The original writes “installs”; “install” is understood too.
_TOKENS = [
    path("oauth2/token", endpoints.token, name="oauth-token"),
    path("oauth2/revoke", endpoints.revoke, name="oauth-revoke"),
    path(".well-known/oauth-authorization-server", endpoints.metadata, name="oauth-metadata"),
    path("v1beta/install/<int:number>/token", endpoints.install_token, name="install-token-singular"),
    path("v1beta/installs/<int:number>/token", endpoints.install_token, name="install-token"),
]

# What customers see: the consent, and whom they let in (D41).
_CUSTOMERS = [
    path("oauth2/auth", authorize.authorize, name="oauth-authorize"),
    path("w/<slug:ws>/access/", access.page, name="workspace-access"),
    path("w/<slug:ws>/access/<int:pk>/end/", access.end, name="workspace-access-end"),
]

# The App's own page in the console, and what belongs to it.
_CONSOLE = [
    path("apps/<slug:slug>/oauth/", console.app_oauth, name="app-oauth"),
    path("apps/<slug:slug>/oauth/set-up/", console.app_oauth_set_up, name="app-oauth-set-up"),
    path("apps/<slug:slug>/oauth/settings/", console.app_oauth_settings, name="app-oauth-settings"),
    path("apps/<slug:slug>/oauth/secrets/new/", console.app_oauth_secret_new, name="app-oauth-secret-new"),
    path("apps/<slug:slug>/oauth/secrets/<int:pk>/retire/", console.app_oauth_secret_retire,
         name="app-oauth-secret-retire"),
    path("apps/<slug:slug>/oauth/scope/", console.app_oauth_scope, name="app-oauth-scope"),
    path("apps/<slug:slug>/oauth/preview/", console.app_oauth_preview, name="app-oauth-preview"),
    path("apps/<slug:slug>/oauth/code/", console.app_oauth_code, name="app-oauth-code"),
]  # fmt: skip

# The built-in sample client: its pages in the console, and where the browser comes back to.
_TRIALS = [
    path("apps/<slug:slug>/oauth/try/", trials.try_flow, name="app-oauth-try"),
    path("apps/<slug:slug>/oauth/try/<str:trial_id>/", trials.trial, name="app-oauth-trial"),
    path("apps/<slug:slug>/oauth/try/<str:trial_id>/live/", trials.trial_live, name="app-oauth-trial-live"),
    path("apps/<slug:slug>/oauth/try/<str:trial_id>/cancel/", trials.trial_cancel, name="app-oauth-trial-cancel"),
    path("oauth2/try/callback", trials.callback, name="oauth-try-callback"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    *_TOKENS,
    *_TRIALS,
    *_CUSTOMERS,
    *_CONSOLE,
    path("v1beta/", include("installs.config_api.urls")),
]
