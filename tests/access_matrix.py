"""Every address of the product × method × role, in one table (SECURITY T20). tests/test_access_matrix.py walks it.

A line is `Route(name, slots, get, post)`. `slots` name the things of tests/world.py that fill the address. An
outcome is given for each role, in the order of `ROLES`:

    anonymous  owner  developer  viewer  stranger  customer  reviewer  admin  staff (in no group)

    ok    200: the page, or a form that says what is missing (Django's own forms)
    in    to the log-in
    401   the same, with the text that was typed
    go    a redirect elsewhere
    404, 403, 422, …   that status
    yes   allowed, in whichever way (only for Django's own admin pages)

`None`: the method is not offered; then everybody is refused, in whichever way. The same goes for PUT, PATCH and
DELETE everywhere. A POST carries `body`, which may name slots; mostly it is no valid form, because what matters
is who gets as far as the form.

A new address without a line here fails the build, and so does a line whose address is gone.
"""

from dataclasses import dataclass
from enum import Enum

from tests.world import ROLES


class Kind(Enum):
    PAGE = "a page that people read"
    PART = "a piece of a page, or JSON for one"
    FILE = "a download"
    ACTION = "takes forms and shows nothing of its own"
    MACHINE = "for programs"


@dataclass(frozen=True)
class Route:
    """One address. `is_stock`: the view is a library's, so that methods nobody uses may be answered like GET."""

    name: str
    slots: tuple[str, ...]
    get: str | None
    post: str | None
    kind: Kind = Kind.PAGE
    is_stock: bool = False
    body: str = "nothing=useful"

    def expected(self, method: str, role: str) -> str | None:
        """The outcome, or None when the method is not offered."""
        outcomes = {"GET": self.get, "POST": self.post}.get(method)
        return outcomes.split()[ROLES.index(role)] if outcomes else None


def everyone(outcome: str) -> str:
    return " ".join([outcome] * len(ROLES))


def signed_in(outcome: str) -> str:
    return " ".join(["in"] + [outcome] * (len(ROLES) - 1))


# --- Who may, in the console: a company and its Apps exist for its members and for staff (404 for others);
# --- staff look and never edit.


SEEN = "in  ok ok ok  404 404  ok ok ok"


def editors(outcome: str) -> str:
    return f"in  {outcome} {outcome} 403  404 404  403 403 403"


def owners(outcome: str) -> str:
    return f"in  {outcome} 403 403  404 404  403 403 403"


PAGE, PART, FILE, ACTION, MACHINE = Kind

FRONT = (
    Route("home", (), "ok go go go go go go go go", None),
    Route("healthz", (), everyone("ok"), None, MACHINE),
    Route("readyz", (), everyone("ok"), None, MACHINE),
    Route("service-levels", (), everyone("ok"), None),
    Route("security-txt", (), everyone("ok"), None, MACHINE),
    Route("set-theme", (), None, everyone("go"), ACTION, body="theme=dark"),
    Route("docs-index", (), everyone("ok"), None),
    Route("docs-page", ("doc",), everyone("ok"), None),
    Route("docs-markdown", ("doc",), everyone("ok"), None, FILE),
    Route("docs-manifest-schema", (), everyone("ok"), None, MACHINE),
    Route("catalog", (), everyone("ok"), None),
    Route("catalog-new", (), everyone("ok"), None),
    Route("catalog-entry", ("public",), everyone("ok"), None),
    Route("asset", ("asset",), everyone("ok"), None, FILE),
    Route("asset-image", ("picture",), everyone("ok"), None, FILE),
    Route("mail-door", (), everyone("405"), everyone("404"), MACHINE),
    Route("echo", ("echo",), everyone("405"), everyone("ok"), MACHINE),
    # GitHub, which signs what it sends: pulls/tests/test_webhook.py.
    Route("github-webhook", (), everyone("405"), everyone("401"), MACHINE),
    # Libraries of any website call these: a write key says where to, and nobody is signed in.
    Route("tracking-call", ("tracking_call",), everyone("405"), everyone("400"), MACHINE),
    Route("tracking-settings", ("tracking_key",), everyone("ok"), None, MACHINE),
    Route("tracking-script", ("tracking_key",), everyone("ok"), None, MACHINE),
    Route("tracking-plugin", ("tracking_key", "app_slug"), everyone("ok"), None, MACHINE),
    Route("tracking-chunk", ("tracking_chunk",), everyone("ok"), None, MACHINE),
    # Partners' servers, which prove who they are with a secret. By client: installs/tests/test_attacks.py.
    Route("oauth-token", (), everyone("405"), everyone("401"), MACHINE),
    Route("oauth-revoke", (), everyone("405"), everyone("401"), MACHINE),
    Route("oauth-metadata", (), everyone("ok"), None, MACHINE),
    Route("install-token", ("install",), everyone("401"), None, MACHINE),
    Route("install-token-singular", ("install",), everyone("401"), None, MACHINE),
    # The Config API: a token says who calls; people have none. By scope: installs/config_api/tests/test_scopes.py.
    Route("config-openapi", (), everyone("ok"), None, MACHINE),
    Route("config-workspaces", (), everyone("401"), None, MACHINE),
    Route("config-workspace", ("ws",), everyone("401"), None, MACHINE),
    Route("config-sources", ("ws",), everyone("401"), everyone("401"), MACHINE),
    Route("config-source", ("ws", "source"), everyone("401"), None, MACHINE),
    Route("config-destinations", ("ws", "source"), everyone("401"), everyone("401"), MACHINE),
    Route("config-destination", ("ws", "source", "app_slug"), everyone("401"), None, MACHINE),
    Route("config-catalog-destination", ("app_slug",), everyone("401"), None, MACHINE),
)

# One's own account: nobody is anybody else here.
ACCOUNT = (
    Route("account-home", (), signed_in("ok"), signed_in("422")),
    Route("account-export", (), signed_in("ok"), None, FILE),
    Route("account-delete", (), signed_in("ok"), signed_in("422")),
    Route("account-mail", (), signed_in("ok"), signed_in("422")),
    Route("account-keep", (), None, signed_in("go"), ACTION),
    Route("account-session", (), everyone("ok"), None, MACHINE),
    Route("account-session-end", ("session",), None, "in  go 404 404  404 404  404 404 404", ACTION),
    Route("notice-list", (), signed_in("ok"), None),
    Route("release-calendar", (), signed_in("ok"), None),
    Route("notice-read-all", (), None, signed_in("go"), ACTION),
    Route("notice-open", ("notice",), None, "in  go 404 404  404 404  404 404 404", ACTION),
)

# The customer has asked for access; nobody else has a request to act on.
APPLYING = (
    Route("apply", (), signed_in("ok"), signed_in("422")),
    Route("apply-check", (), signed_in("ok"), None, PART),
    Route("apply-status", (), "in  go go go  go ok  go go go", None),
    Route("apply-withdraw", (), None, "in  403 403 403  403 go  403 403 403", ACTION),
    Route("apply-again", (), None, "in  403 403 403  403 go  403 403 403", ACTION),
)

# A company's pages. `invitation` is the customer's, `member` the developer.
COMPANY = (
    Route("company-detail", (), "in  go go go  go ok  ok ok ok", None),
    Route("company-page", ("company",), SEEN, None),
    # The company of the world came in without a request: there is nothing to accept.
    Route("company-agreements", ("company",), None, owners("go"), ACTION),
    # A seat is each member's own.
    Route("partner-slack", ("company",), SEEN, "in  go go go  404 404  403 403 403"),
    Route("company-invite", ("company",), None, owners("go"), ACTION, body="email=new@example.com&role=viewer"),
    Route("invitation-resend", ("company", "invitation"), None, owners("go"), ACTION),
    Route("invitation-revoke", ("company", "invitation"), None, owners("go"), ACTION),
    Route("invitation-restore", ("company", "invitation"), None, owners("go"), ACTION),
    Route("member-restore", ("company", "removed_member"), None, owners("go"), ACTION),
    Route("member-role", ("company", "member"), None, owners("go"), ACTION, body="role=viewer"),
    Route("member-remove", ("company", "member"), None, owners("go"), ACTION),
    # The last owner is told to hand over first; members in any other role may leave.
    Route("company-leave", ("company",), None, "in  go go go  404 404  403 403 403", ACTION),
    Route("company-hand-over", ("company",), None, owners("422"), ACTION),
    Route("company-export", ("company",), None, owners("ok"), FILE),
    Route("company-activity", ("company",), SEEN, None),
    Route("company-activity-export", ("company",), "in  ok 403 403  404 404  403 403 403", None, FILE),
    Route("company-slack", ("company",), owners("ok"), owners("422")),
    Route("company-slack-test", ("company",), None, owners("go"), ACTION),
    Route("company-slack-off", ("company",), None, owners("go"), ACTION),
    Route("company-archive", ("company",), None, owners("go"), ACTION),
    Route("company-restore", ("company",), None, owners("go"), ACTION),
    Route("company-delete", ("company",), None, owners("go"), ACTION, body="name=Acme"),
    Route("company-keep", ("company",), None, owners("go"), ACTION),
    Route("invitation-join", ("invitation",), None, "in  404 404 404  404 go  404 404 404", ACTION),
    # Whoever has the link sees whom it is for; only the owner of that address may join.
    Route("invitation-accept", ("invitation_token",), everyone("ok"), "in  403 403 403  403 go  403 403 403"),
)

CONSOLE = (
    Route("app-list", (), signed_in("ok"), None),
    Route("app-new", (), "in  ok ok 403  ok 403  403 403 403", "in  422 422 403  422 403  403 403 403"),
    Route("app-new-manifest", (), "in  ok ok 403  ok 403  403 403 403", "in  422 422 403  422 403  403 403 403"),
    Route("app-slug-preview", (), "in  ok ok 403  ok 403  403 403 403", None, PART),
    Route("app-detail", ("building",), SEEN, None),
    Route("app-attest", ("building",), None, editors("422"), ACTION),
    Route("app-workspace", ("building",), SEEN, None),
    Route("app-manifest", ("building",), SEEN, editors("422")),
    Route("app-manifest-file", ("building",), SEEN, None, FILE),
    Route("app-components", ("building",), SEEN, editors("422")),
    Route("app-component-add", ("building",), None, editors("go"), ACTION),
    Route("app-component-remove", ("building", "kind"), None, editors("go"), ACTION),
    Route("app-component-restore", ("building", "kind"), None, editors("go"), ACTION),
    Route("app-component-webhook", ("building",), SEEN, editors("422")),
    Route("app-component-function", ("building",), SEEN, editors("422")),
    Route("app-component-plugin", ("building",), SEEN, editors("422")),
    Route("app-code-versions", ("building", "code"), SEEN, None),
    Route("app-code-version", ("building", "code", "code_version"), SEEN, None),
    Route("app-code-restore", ("building", "code", "code_version"), None, editors("go"), ACTION),
    Route("app-code-deploy", ("building", "code", "code_version"), None, editors("go"), ACTION),
    Route("app-signing", ("building",), SEEN, None),
    Route("app-signing-rotate", ("building",), None, editors("go"), ACTION),
    Route("app-signing-reveal", ("building", "signing_secret"), SEEN.replace("ok", "go"), editors("ok"), ACTION),
    Route("app-signing-end", ("building", "signing_secret"), None, editors("go"), ACTION),
    # Every member may ask whether a request fits; nothing changes.
    Route("app-verify", ("building",), SEEN, "in  422 422 422  404 404  403 403 403"),
    Route("app-settings", ("building",), SEEN, None),
    Route("app-setting-new", ("building",), editors("ok"), editors("422")),
    Route("app-setting-edit", ("building", "setting"), editors("ok"), editors("422")),
    Route("app-setting-remove", ("building", "setting"), None, editors("go"), ACTION),
    Route("app-setting-move", ("building", "setting"), None, editors("go"), ACTION),
    Route("app-setting-restore", ("building", "setting"), None, editors("go"), ACTION),
    Route("app-setting-pattern", ("building",), None, editors("ok"), PART),
    # Trying the form changes nothing: whoever sees it may.
    Route("app-setting-preview", ("building",), SEEN, SEEN.replace("ok", "422")),
    Route("app-oauth", ("building",), SEEN, None),
    Route("app-oauth-set-up", ("building",), None, editors("go"), ACTION),
    # A refused form stands at its own address; looked at again, that is the page.
    Route("app-oauth-settings", ("building",), SEEN.replace("ok", "go"), editors("422"), ACTION),
    Route("app-oauth-secret-new", ("building",), editors("ok"), editors("422")),
    Route("app-oauth-secret-retire", ("building", "oauth_secret"), None, editors("go"), ACTION),
    Route("app-oauth-scope", ("building",), SEEN.replace("ok", "go"), editors("go"), ACTION),
    Route("app-oauth-preview", ("building",), SEEN, None),
    Route("app-oauth-code", ("building",), SEEN, None),
    Route("app-oauth-try", ("building",), SEEN, editors("go")),
    Route("app-oauth-trial", ("building", "flow_trial"), SEEN, None),
    Route("app-oauth-trial-live", ("building", "flow_trial"), SEEN, None, PART),
    Route("app-oauth-trial-cancel", ("building", "flow_trial"), None, editors("go"), ACTION),
    Route("app-plan", ("pull_app",), SEEN, editors("422")),
    # A refused form stands at its own address; looked at again, that is the plan.
    Route("app-plan-mode", ("pull_app",), SEEN.replace("ok", "go"), editors("422"), ACTION),
    Route("app-plan-ask", ("pull_app",), None, editors("go"), ACTION),
    Route("app-plan-looked", ("pull_app",), None, "in  403 403 403  404 404  go go 403", ACTION),
    Route("app-plan-document", ("pull_app",), SEEN, None, FILE),
    Route("app-plan-json", ("pull_app",), SEEN, None, FILE),
    Route("app-plan-preview", ("pull_app",), None, editors("ok"), PART),
    # Both sides talk; other staff look on.
    Route("app-plan-comment", ("pull_app",), SEEN.replace("ok", "go"), "in  422 422 403  404 404  422 422 403", ACTION),
    Route("app-plan-settle", ("pull_app", "plan_comment"), None, "in  go go 403  404 404  go go 403", ACTION),
    Route("app-plan-action-new", ("pull_app",), editors("ok"), editors("422")),
    Route("app-plan-action", ("pull_app", "plan_action"), SEEN, editors("422")),
    Route("app-plan-action-move", ("pull_app", "plan_action"), None, editors("go"), ACTION),
    Route("app-plan-action-remove", ("pull_app", "plan_action"), None, editors("go"), ACTION),
    Route("app-plan-action-restore", ("pull_app", "plan_action"), None, editors("go"), ACTION),
    Route("app-guide", ("pull_app",), SEEN, None),
    Route("app-guide-tick", ("pull_app", "guide_item"), None, editors("go"), ACTION),
    Route("app-scaffold", ("pull_app",), SEEN, None, FILE),
    Route("app-pull", ("pull_app",), SEEN, None),
    Route("app-pull-live", ("pull_app",), SEEN, None, PART),
    Route("app-pull-link", ("pull_app",), SEEN.replace("ok", "go"), editors("422"), ACTION),
    Route("app-pull-unlink", ("pull_app",), None, editors("go"), ACTION),
    Route("app-pull-refresh", ("pull_app",), None, editors("go"), ACTION),
    Route("app-listing", ("building",), SEEN, editors("422")),
    Route("app-listing-preview", ("building",), None, editors("ok"), PART),
    Route("app-template", ("building",), SEEN, editors("422")),
    Route("app-template-file", ("building",), SEEN, None, FILE),
    Route("app-template-draft", ("building", "template_draft"), SEEN, editors("422")),
    Route("app-template-picture", ("building", "template_draft", "template_picture"), SEEN, None, FILE),
    Route("app-images", ("building",), SEEN, editors("422")),
    Route("app-image", ("building", "picture"), SEEN, editors("422")),
    Route("app-image-change", ("building", "picture"), None, editors("go"), ACTION),
    Route("app-docs", ("building",), SEEN, editors("422")),
    Route("app-docs-links", ("building",), SEEN, editors("go"), PART),
    Route("app-docs-preview", ("building",), None, editors("ok"), PART),
    Route("app-docs-template", ("building",), SEEN, editors("go")),
    Route("app-docs-file", ("building", "text"), SEEN, None, FILE),
    Route("app-access", ("building",), SEEN, editors("422")),
    Route("app-activity", ("building",), SEEN, None),
    Route("app-danger", ("building",), SEEN, None),
    Route("app-rename", ("building",), None, editors("422"), ACTION),
    Route("app-delete", ("building",), None, owners("422"), ACTION),
    # A deleted App exists only for its own people, who may bring it back.
    Route("app-undelete", ("deleted",), None, "in  go 403 403  404 404  404 404 404", ACTION),
)

TESTING = (
    Route("suite-home", ("building",), SEEN, editors("422"), body="component=subscription_webhook"),
    Route("suite-single", ("building",), SEEN, editors("422")),
    Route("suite-try", ("building", "code"), editors("ok"), editors("422"), PART),
    Route("suite-run", ("building", "run"), SEEN, None),
    Route("suite-live", ("building", "run"), SEEN, None, PART),
    Route("suite-cancel", ("building", "run"), None, editors("go"), ACTION),
    Route("suite-rerun", ("building", "run"), None, editors("go"), ACTION),
    Route("suite-compare", ("building", "run"), SEEN, None),
    Route("suite-report", ("building", "run"), SEEN, None),
    Route("suite-screenshot", ("building", "run"), SEEN, None, FILE),
    Route("suite-report-json", ("building", "run"), SEEN, None, FILE),
    Route("suite-case-curl", ("building", "done_run", "position"), SEEN, None, FILE),
    Route("suite-case-pytest", ("building", "done_run", "position"), SEEN, None, FILE),
    # Only code logs; the run of the world is a webhook's.
    Route("suite-case-log", ("building", "done_run", "position"), signed_in("404"), None, FILE),
    Route("suite-case-resend", ("building", "done_run", "position"), None, editors("go"), ACTION),
    Route("app-inbox", ("building",), SEEN, editors("422")),
    Route("app-inbox-live", ("building",), SEEN, None, PART),
    Route("app-inbox-request", ("building", "echo_request"), SEEN, None),
    Route("app-inbox-clear", ("building",), None, editors("go"), ACTION),
    Route("app-inbox-unclear", ("building",), None, editors("go"), ACTION),
)

REVIEWING = (
    Route("app-submit", ("building",), SEEN, editors("422")),
    Route("app-submit-check", ("building",), None, editors("go"), ACTION),
    Route("app-review", ("in_review",), SEEN, None),
    Route("app-answers", ("building",), None, editors("404"), ACTION, body="version=99"),
    Route("app-appeal", ("building",), None, editors("404"), ACTION, body="version=99"),
    Route("app-differences", ("beta",), SEEN, editors("go")),
    Route("app-withdraw", ("in_review",), None, editors("go"), ACTION, body="submission={submission}"),
    Route("app-version", ("in_review", "version"), SEEN, None),
    Route("app-thread", ("in_review",), SEEN, editors("422")),
    Route("app-enquiries", ("in_review",), SEEN, editors("422"), body="kind=replay"),
    Route("app-beta", ("beta",), SEEN, None),
    Route("app-beta-invite", ("beta",), None, editors("go"), ACTION, body="email=new@example.com"),
    Route("app-beta-revoke", ("beta", "beta_invite"), None, editors("go"), ACTION),
    Route("app-beta-restore", ("beta", "beta_invite"), None, editors("go"), ACTION),
    Route("app-beta-resend", ("beta", "beta_invite"), None, editors("go"), ACTION),
    Route("app-beta-access", ("beta",), None, editors("go"), ACTION),
    Route("app-beta-ask", ("beta",), None, editors("go"), ACTION),
    Route("app-beta-launch", ("beta",), None, editors("go"), ACTION),
    Route("app-beta-cancel", ("beta",), None, editors("go"), ACTION),
    Route("app-upkeep", ("public",), SEEN, None),
    Route("app-upkeep-again", ("public",), None, editors("go"), ACTION),
    Route(
        "app-upkeep-plan", ("public", "launch_kind"), None, editors("422"), ACTION, body="blog_post-planned_on=never"
    ),
    Route("app-upkeep-done", ("public", "launch_kind"), None, editors("go"), ACTION),
    Route("app-upkeep-drop", ("public", "launch_kind"), None, editors("go"), ACTION),
    # Owners end their App, and nobody else.
    Route("app-deprecate", ("beta",), None, "in  422 403 403  404 404  403 403 403", ACTION),
    Route("app-deprecate-undo", ("beta",), None, owners("go"), ACTION),
)

# The special URL (S32) opens for whoever is signed in; nobody of the company and no staff confirms a beta (S33).
BETA = (
    # On to the visitor's own workspace; people of the company and staff have the same way. The owner chooses of two.
    Route("beta-door", ("beta",), "in  ok go go  go go  go go go", None),
    Route("beta-about", ("beta",), signed_in("ok"), None),
    Route(
        "beta-verify",
        ("beta",),
        None,
        "401  403 403 403  go go  403 403 403",
        ACTION,
        body="verify-note=It works.",
    ),
    Route(
        "beta-problem", ("beta",), None, signed_in("go").replace("in", "401"), ACTION, body="problem-text=It is broken."
    ),
    Route("beta-invite-accept", ("beta_token",), signed_in("ok"), signed_in("go")),
)

# A workspace exists for its members only: here the owner, the developer (a member of it) and the viewer (a viewer).
# The customer is invited.
IN_WORKSPACE = "in  ok ok ok  404 404  404 404 404"


def workspace_writers(outcome: str) -> str:
    return f"in  {outcome} {outcome} 403  404 404  404 404 404"


def workspace_owners(outcome: str) -> str:
    return f"in  {outcome} 403 403  404 404  404 404 404"


_SOURCE, _DESTINATION = ("ws", "source"), ("ws", "source", "app_slug")
WORKSPACES = (
    Route("workspace-list", (), signed_in("ok"), None),
    Route("workspace-new", (), signed_in("ok"), signed_in("422")),
    Route("workspace-invitation", ("ws_invitation_token",), everyone("ok"), "in  403 403 403  403 go  403 403 403"),
    Route("workspace-join", ("ws_invitation",), None, "in  404 404 404  404 go  404 404 404", ACTION),
    Route("workspace-home", ("ws",), IN_WORKSPACE, None),
    Route("workspace-access", ("ws",), IN_WORKSPACE, None),
    Route("workspace-access-end", ("ws", "install"), None, workspace_owners("go"), ACTION),
    # Without a request of a client there is nothing to consent to (installs/tests/test_authorize.py).
    Route("oauth-authorize", (), everyone("400"), everyone("400")),
    # With a state that belongs to no trial of theirs, everybody gets the same page.
    Route("oauth-try-callback", (), signed_in("400"), None),
    Route("workspace-rename", ("ws",), None, workspace_owners("422"), ACTION),
    Route("workspace-members", ("ws",), IN_WORKSPACE, workspace_owners("422")),
    Route("workspace-member-role", ("ws", "ws_member"), None, workspace_owners("go"), ACTION, body="role=viewer"),
    Route("workspace-member-remove", ("ws", "ws_member"), None, workspace_owners("go"), ACTION),
    # The last owner is told to make another one; whoever is no owner may leave.
    Route("workspace-leave", ("ws",), None, "in  go go go  404 404  404 404 404", ACTION),
    Route("workspace-invitation-resend", ("ws", "ws_invitation"), None, workspace_owners("go"), ACTION),
    Route("workspace-invitation-revoke", ("ws", "ws_invitation"), None, workspace_owners("go"), ACTION),
    Route("workspace-invitation-restore", ("ws", "ws_invitation"), None, workspace_owners("go"), ACTION),
    Route("workspace-install", ("ws", "public"), workspace_writers("ok"), workspace_writers("go")),
    Route("source-new", ("ws",), workspace_writers("ok"), workspace_writers("422")),
    Route("source-detail", _SOURCE, IN_WORKSPACE, None),
    Route("source-edit", _SOURCE, None, workspace_writers("422"), ACTION),
    Route("source-switch", _SOURCE, None, workspace_writers("go"), ACTION, body="on=no"),
    Route("source-remove", _SOURCE, None, workspace_owners("go"), ACTION),
    Route("source-key-rotate", _SOURCE, None, workspace_writers("go"), ACTION, body="overlap=24"),
    Route("source-key-disable", (*_SOURCE, "write_key"), None, workspace_writers("go"), ACTION),
    Route("destination-detail", _DESTINATION, IN_WORKSPACE, workspace_writers("422")),
    Route("destination-switch", _DESTINATION, None, workspace_writers("go"), ACTION, body="on=no"),
    Route("destination-remove", _DESTINATION, None, workspace_writers("go"), ACTION),
)

# What goes through a workspace: its events, and what became of them.
SEEING = (
    Route("source-debugger", _SOURCE, IN_WORKSPACE, None),
    Route("source-debugger-live", _SOURCE, IN_WORKSPACE, None, PART),
    Route("source-event", (*_SOURCE, "event"), IN_WORKSPACE, None),
    Route("source-story", _SOURCE, IN_WORKSPACE, workspace_writers("422")),
    Route("source-story-live", (*_SOURCE, "story"), IN_WORKSPACE, None, PART),
    Route("source-story-cancel", (*_SOURCE, "story"), None, workspace_writers("go"), ACTION),
    Route("destination-tester", _DESTINATION, IN_WORKSPACE, workspace_writers("422")),
    Route("destination-tester-sent", (*_DESTINATION, "tested"), IN_WORKSPACE, None),
    Route("destination-deliveries", _DESTINATION, IN_WORKSPACE, None),
    Route("destination-deliveries-csv", _DESTINATION, IN_WORKSPACE, None, FILE),
    # Without a code it leads back to the list.
    Route("destination-problem", _DESTINATION, IN_WORKSPACE.replace("ok", "go"), None),
    Route("destination-delivery", (*_DESTINATION, "delivery"), IN_WORKSPACE, None),
    Route("destination-delivery-replay", (*_DESTINATION, "delivery"), None, workspace_writers("go"), ACTION),
    Route("destination-replay", _DESTINATION, None, workspace_writers("go"), ACTION),
    Route("replay-cancel", (*_DESTINATION, "replay"), None, workspace_writers("go"), ACTION),
    Route("destination-resume", _DESTINATION, None, workspace_writers("go"), ACTION),
    Route("workspace-regulations", ("ws",), IN_WORKSPACE, workspace_writers("422")),
)

# --- Segment's side -------------------------------------------------------------------------------


# Other people are sent to the log-in of the admin, which refuses them.
def for_staff(reviewer: str, admin: str, staff: str) -> str:
    return f"in  in in in  in in  {reviewer} {admin} {staff}"


def reviewers(outcome: str) -> str:
    return for_staff(outcome, outcome, "403")


STAFF, REVIEWERS, ADMINS = for_staff("ok", "ok", "ok"), reviewers("ok"), for_staff("403", "ok", "403")
PASSED_ON = for_staff("go", "go", "go")

DESK = (
    Route("review-desk", (), REVIEWERS, None),
    Route("review-release", ("release",), REVIEWERS, reviewers("422")),
    Route("review-release-claim", ("release",), None, reviewers("go"), ACTION, body="claim=take"),
    Route("review-thread", ("in_review",), REVIEWERS, reviewers("422")),
    Route("review-submission", ("submission",), REVIEWERS, reviewers("422")),
    Route("review-claim", ("submission",), None, reviewers("go"), ACTION, body="claim=take"),
    Route("review-access", ("access_request",), REVIEWERS, reviewers("422")),
    Route("review-access-claim", ("access_request",), None, reviewers("go"), ACTION, body="claim=take"),
    Route("review-keys", (), None, reviewers("go"), ACTION, body="keys=off"),
    Route("review-plans", (), REVIEWERS, None),
    Route("review-verdicts", (), REVIEWERS, None),
    Route("review-trains", (), REVIEWERS, reviewers("422")),
    # Against a decision of the reviewer: another one judges it.
    Route("review-appeal", ("reviews.appeal",), REVIEWERS, for_staff("403", "422", "403")),
    Route("review-live-change", ("reviews.livechange",), REVIEWERS, reviewers("409")),
    Route("review-runs", ("submission",), REVIEWERS, None, PART),
    Route("review-run", ("submission", "review_run"), REVIEWERS, None),
    Route("review-reveal", ("submission",), reviewers("go"), reviewers("ok"), ACTION, body="field=password"),
)


ADMIN = (
    Route("admin:index", (), STAFF, STAFF, is_stock=True),
    Route("admin:app_list", ("admin_app",), for_staff("ok", "ok", "404"), for_staff("ok", "ok", "404"), is_stock=True),
    Route("admin:login", (), "in  403 403 403  403 403  go go go", "in  403 403 403  403 403  ok ok ok", is_stock=True),
    Route("admin:logout", (), "go  go go go  go go  405 405 405", everyone("go"), ACTION, is_stock=True),
    Route("admin:password_change", (), STAFF, STAFF, is_stock=True),
    Route("admin:password_change_done", (), STAFF, None, is_stock=True),
    Route("admin:autocomplete", (), for_staff("403", "403", "403"), None, PART, is_stock=True),
    Route("admin:jsi18n", (), STAFF, None, PART, is_stock=True),
    Route("admin:view_on_site", ("content_type", "object"), PASSED_ON, PASSED_ON, ACTION, is_stock=True),
    Route("admin:auth_user_password_change", ("user",), ADMINS, ADMINS, is_stock=True),
    Route("admin:notifications_templates", (), for_staff("ok", "ok", "403"), None),
    Route("admin:notifications_template", ("template",), for_staff("ok", "ok", "403"), for_staff("403", "422", "403")),
    Route(
        "admin:notifications_template_preview",
        ("template",),
        for_staff("ok", "ok", "403"),
        for_staff("422", "422", "403"),
        PART,
    ),
    Route("admin:reviews_rubric_preview", ("reviews.rubric",), for_staff("ok", "ok", "403"), None),
    Route("admin:reviews_rubric_switch_on", ("reviews.rubric",), None, for_staff("403", "go", "403"), ACTION),
    Route("admin:partners_accessrequest_decide", ("access_request",), None, reviewers("422"), ACTION),
    Route("admin:upkeep_risk_decide", ("upkeep.risk",), None, reviewers("422"), ACTION),
    Route("admin:installs_scoperequest_decide", ("installs.scoperequest",), None, reviewers("409"), ACTION),
)

# What reviewers and admins may do with the rows of a model: v(iew), a(dd), c(hange), d(elete). Staff who are in
# no group may do nothing, and nobody else comes in.
LOOK = ("v", "v")
MODELS: dict[str, tuple[str, str]] = {
    "account.emailaddress": ("", "vacd"),
    "accounts.user": ("v", "vac"),
    "apps_catalog.app": LOOK,
    "apps_catalog.appversion": LOOK,
    "apps_catalog.asset": LOOK,
    "apps_catalog.catalogentry": LOOK,
    "apps_catalog.category": ("v", "vac"),
    "apps_catalog.codeversion": LOOK,
    "apps_catalog.component": LOOK,
    "apps_catalog.echoinbox": LOOK,
    "apps_catalog.linkcheck": LOOK,
    "apps_catalog.listing": LOOK,
    "apps_catalog.removedsetting": LOOK,
    "apps_catalog.revieweraccess": LOOK,
    "apps_catalog.setting": LOOK,
    "audit.record": LOOK,
    "auth.group": ("", "vacd"),
    "installs.client": LOOK,
    "installs.install": LOOK,
    "installs.scoperequest": LOOK,
    "metadata.templatedraft": LOOK,
    "mfa.authenticator": ("", "vacd"),
    "notifications.arrivedmail": LOOK,
    "notifications.inboundmail": LOOK,
    "notifications.notice": LOOK,
    "notifications.outboxmessage": LOOK,
    "notifications.slackchannel": ("v", "vac"),
    "notifications.templateoverride": LOOK,
    "partners.accessrequest": LOOK,
    "partners.agreementversion": ("v", "va"),
    "partners.closedday": ("vacd", "vacd"),
    "partners.company": LOOK,
    "partners.intake": ("vc", "vc"),
    "partners.invitation": LOOK,
    "partners.membership": LOOK,
    "partners.policy": ("v", "vac"),
    "partners.removedmember": LOOK,
    "planning.plan": LOOK,
    "planning.plancomment": LOOK,
    "planning.plannedaction": LOOK,
    "planning.slackseat": LOOK,
    "pulls.checksuite": LOOK,
    "pulls.delivery": LOOK,
    "pulls.pullrequest": LOOK,
    "pulls.repository": ("v", "vac"),
    "reviews.appeal": LOOK,
    "reviews.attestation": LOOK,
    "reviews.betainvite": LOOK,
    "reviews.enquiry": LOOK,
    "reviews.evidence": LOOK,
    "reviews.livechange": LOOK,
    "reviews.probe": LOOK,
    "reviews.problem": LOOK,
    "reviews.release": LOOK,
    "reviews.rubric": ("v", "va"),
    "reviews.servicelevels": LOOK,
    "reviews.submission": LOOK,
    "reviews.verification": LOOK,
    "testbench.caseresult": LOOK,
    "testbench.suiterun": LOOK,
    "trains.departure": LOOK,
    "trains.freeze": ("vacd", "vacd"),
    "trains.passenger": LOOK,
    "upkeep.inquiry": ("va", "va"),
    "upkeep.launchitem": LOOK,
    "upkeep.nightlycheck": LOOK,
    "upkeep.risk": LOOK,
    "usersessions.usersession": ("", "vacd"),
    "workspaces.destination": LOOK,
    "workspaces.source": LOOK,
    "workspaces.workspace": LOOK,
    "workspaces.workspaceinvitation": LOOK,
    "workspaces.workspacemember": LOOK,
}


# Page of a model → what one has to be allowed for GET, and for POST (any of the letters).
MODEL_PAGES = {
    "changelist": ("vc", "vc"),
    "add": ("a", "a"),
    "change": ("vc", "c"),
    "delete": ("d", "d"),
    "history": ("vc", "vc"),
}


# What is decided there is sent to an address of its own.
SHOW_ONLY = frozenset(
    {"admin:partners_accessrequest_change", "admin:installs_scoperequest_change", "admin:upkeep_risk_change"}
)


def model_routes() -> list[Route]:
    """The five pages of each model, by the rules above."""
    routes = []
    for label, allowed in MODELS.items():
        for page, needed in MODEL_PAGES.items():
            get: str | None
            post: str | None
            get, post = (_for_staff(allowed, letters) for letters in needed)
            slots = () if page in ("changelist", "add") else (label,)
            name = f"admin:{label.replace('.', '_')}_{page}"
            if name in SHOW_ONLY:
                post = None
            routes.append(Route(name, slots, get, post, is_stock=True))
    return routes


def _for_staff(allowed: tuple[str, str], letters: str) -> str:
    reviewer, admin = ("yes" if set(may) & set(letters) else "403" for may in allowed)
    return for_staff(reviewer, admin, "403")


# Addresses without a name.
NAMELESS = {
    "admin/(?P<url>.*)$": "admin/no/such/page",
    **{f"admin/{label.replace('.', '/')}/<path:object_id>/": f"admin/{label.replace('.', '/')}/1/" for label in MODELS},
}

# --- allauth's own pages, as the settings switch them on --------------------------------------------------------

VISITORS = "ok  go go go  go go  go go go"
OWN = signed_in("ok")


def owner_only(outcome: str) -> str:
    return f"in  {outcome} 404 404  404 404  404 404 404"


ON = signed_in("go")  # somewhere else, because there is nothing to do here

ALLAUTH = tuple(
    Route(name, slots, get, post, is_stock=True)
    for name, slots, get, post in (
        ("account_login", (), VISITORS, VISITORS),
        ("account_logout", (), "go  ok ok ok  ok ok  ok ok ok", everyone("go")),
        ("account_inactive", (), everyone("ok"), None),
        ("account_signup", (), VISITORS, VISITORS),
        ("account_reauthenticate", (), OWN, OWN),
        ("account_email", (), OWN, ON),
        ("account_email_verification_sent", (), ON, ON),
        ("account_change_password", (), OWN, OWN),
        ("account_set_password", (), ON, ON),
        ("account_reset_password", (), everyone("ok"), everyone("ok")),
        ("account_confirm_login_code", (), ON, ON),
        ("account_confirm_password_reset_code", (), everyone("in"), everyone("in")),
        ("account_complete_password_reset", (), everyone("go"), everyone("go")),
        ("account_password_reset_completed", (), everyone("ok"), None),
        ("usersessions_list", (), OWN, ON),
        ("mfa_index", (), OWN, None),
        ("mfa_authenticate", (), ON, ON),
        ("mfa_reauthenticate", (), ON, ON),
        ("mfa_activate_totp", (), OWN, OWN),
        ("mfa_deactivate_totp", (), signed_in("404"), signed_in("404")),
        ("mfa_view_recovery_codes", (), signed_in("404"), None),
        # The owner has a passkey, so there is something to recover.
        ("mfa_generate_recovery_codes", (), OWN, "in  go ok ok  ok ok  ok ok ok"),
        ("mfa_download_recovery_codes", (), signed_in("404"), signed_in("404")),
        ("mfa_list_webauthn", (), OWN, None),
        ("mfa_add_webauthn", (), OWN, OWN),
        ("mfa_reauthenticate_webauthn", (), "in  ok go go  go go  go go go", "in  in go go  go go  go go go"),
        # The owner's passkey does not exist for anybody else.
        ("mfa_remove_webauthn", ("passkey",), owner_only("ok"), owner_only("go")),
        ("mfa_edit_webauthn", ("passkey",), owner_only("ok"), owner_only("ok")),
        ("mfa_login_webauthn", (), ON, ON),
    )
)

# --- Only while DEBUG is on; tests run with DEBUG off ------------------------------------------------------------

DEVELOPMENT = (
    Route("dev-mail-list", (), everyone("404"), None),
    Route("dev-mail-detail", ("mail",), everyone("404"), None),
    Route("dev-mail-frame", ("mail",), everyone("404"), None, PART),
    Route("styleguide:index", (), everyone("404"), None),
    Route("styleguide:console", (), everyone("404"), None),
    Route("styleguide:entrance", (), everyone("404"), None),
)

ROUTES: tuple[Route, ...] = (
    *FRONT, *ACCOUNT, *APPLYING, *COMPANY, *CONSOLE, *TESTING, *REVIEWING, *BETA, *WORKSPACES, *SEEING, *DESK, *ADMIN,
    *model_routes(),
    *ALLAUTH, *DEVELOPMENT,
)  # fmt: skip
