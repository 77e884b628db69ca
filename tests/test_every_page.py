"""Every page as those who see it, on the demo data and one of everything: phone and desktop, light or dark by turns.

Nothing may stick out sideways, axe (WCAG 2.2 AA) finds nothing, and `page_factory` sees no console error and
no CSP violation. Every page of tests/access_matrix.py is opened, or is named with the reason why not.
"""

import json
import os
import re
from typing import Any

import pytest
from django.urls import resolve, reverse

from devcenter.demo.people import PASSWORD
from tests.access_matrix import ALLAUTH, DEVELOPMENT, MODELS, ROUTES, Kind
from tests.journey import looks
from tests.journey.everything import COMMAND, NEWCOMER
from tests.journey.people import Person
from tests.services.browser import Pages
from tests.services.site import ROOT, Site

SHOP = "/w/demo-customers-workspace/sources/shop"
INSTALLED = f"{SHOP}/destinations/{{private_beta}}"
# Addresses by who opens them; a name in braces is one of the demo's Apps. “address > selector” goes on through the
# first such link: the address behind it carries an id. There may be several, one after the other.
PAGES: dict[str, list[str]] = {
    "anonymous": """
        / /accounts/login/ /accounts/signup/ /accounts/password/reset/ /docs/ /docs/webhook/
        /catalog/ /catalog/?q=nothing-like-this /catalog/new/ /catalog/{public}/ /service-levels/
    """.split(),
    "owner": """
        /apps/ /apps/new/ /apps/new/manifest/ /apps/{building}/manifest/
        /apps/{building}/ /apps/{building}/components/ /apps/{building}/components/webhook/
        /apps/{building}/settings/ /apps/{building}/settings/new/ /apps/{building}/settings/preview/
        /apps/{building}/test/ /apps/{building}/test/send/
        /apps/{building}/inbox/ /apps/{building}/components/webhook/signing/ /apps/{building}/components/webhook/verify/
        /apps/{building}/oauth/ /apps/{public}/oauth/ /apps/{public}/oauth/secrets/new/
        /apps/{public}/oauth/preview/ /apps/{public}/oauth/code/
        /apps/{building}/listing/ /apps/{building}/listing/pictures/
        /apps/{building}/docs/ /apps/{building}/docs/template/
        /apps/{building}/access/ /apps/{building}/sandbox/
        /apps/{building}/submit/ /apps/{building}/questions/ /apps/{building}/activity/ /apps/{building}/danger/
        /apps/{private_beta}/ /apps/{private_beta}/beta/ /apps/{public}/review/ /apps/{public}/versions/1/
        /apps/{public}/upkeep/
        /company/ /notices/ /releases/ /account/ /account/delete/ /accounts/email/ /accounts/password/change/
        /accounts/2fa/ /accounts/sessions/ /apply/
    """.split(),
    "developer": ["/apps/{private_beta}/test/ > a[href*='/test/runs/']",
                  "/apps/{private_beta}/test/ > a[href*='/test/runs/'] > a[href$='/report/']", "/company/",
                  "/apps/acme-streams/test/?component=subscription_function > tbody a[href*='/test/runs/']",
                  "/apps/acme-streams/test/?component=web_plugin > tbody a[href*='/test/runs/']",
                  "/apps/{private_beta}/thread/", "/apps/{public}/differences/",
                  "/apps/{building}/settings/edit/apiKey/", "/account/mail/"],
    "viewer": ["/apps/{building}/", "/apps/{building}/listing/"],
    "customer": ["/", "/apps/", "/apply/", "/goto-my-workspace/destinations/catalog/{private_beta}/about/",
                 f"{SHOP}/debugger/", f"{SHOP}/debugger/ > .event__link", f"{SHOP}/ada/", f"{INSTALLED}/tester/",
                 f"{INSTALLED}/deliveries/", f"{INSTALLED}/deliveries/ > .table__link",
                 f"{INSTALLED}/deliveries/?kind=test > .table__link > a[href*='/tester/']",
                 f"{INSTALLED}/deliveries/problem/?code=errors.discarded.401",
                 "/w/demo-customers-workspace/regulations/"],
    "reviewer": [
        "/admin/review/", "/admin/review/?tab=overdue", "/admin/review/trains/", "/admin/review/trains/?tab=out",
        "/admin/review/?kind=submissions > a[href^='/admin/review/'][href$='/'].table__link",
        "/admin/partners/accessrequest/?queue=all > #result_list tbody th a > a[href^='/admin/review/access/']",
        "/admin/", "/admin/apps_catalog/app/", "/admin/partners/accessrequest/?queue=all",
        "/admin/partners/accessrequest/?queue=all > #result_list tbody th a",
    ],
}  # fmt: skip
# Pages that need more than the demo has, by who opens them: the name and the slots of tests/access_matrix.py.
MORE: dict[str, str] = {
    "owner": """
        suite-compare building compared_run; app-inbox-request building echo_request; app-image building picture
        company-page company; company-activity company; company-slack company; partner-slack company
        app-template building; app-template-draft building template_draft
        account_reauthenticate; account_logout; mfa_list_webauthn; mfa_add_webauthn; mfa_activate_totp
        app-component-function building; app-component-plugin building
        app-code-versions building code; app-code-version building code code_version
        app-oauth-try building; app-oauth-trial building flow_trial; app-upkeep public
        app-plan pull_app; app-plan-action-new pull_app; app-plan-action pull_app plan_action
        app-guide pull_app; app-pull pull_app
        workspace-list; workspace-new; workspace-home ws; workspace-members ws; workspace-install ws public
        workspace-access ws; source-new ws; source-detail ws source; destination-detail ws source app_slug
    """,
    "anonymous": """
        invitation-accept invitation_token; workspace-invitation ws_invitation_token
        account_inactive; account_password_reset_completed
    """,
    "newcomer": "apply-status",
    "customer": "beta-invite-accept beta_token",
    "reviewer": """
        review-release release; review-thread in_review; review-verdicts; review-appeal appeal
        review-plans; review-live-change live_change; review-run submission review_run
        admin:notifications_templates; admin:notifications_template template; admin:app_list admin_app
    """,
}
# Where “address > selector” ends.
BEHIND = {
    ".event__link": "source-event",
    ".table__link": "destination-delivery",
    "a[href*='/tester/']": "destination-tester-sent",
    "a[href*='/test/runs/']": "suite-run",
    "tbody a[href*='/test/runs/']": "suite-run",
    "a[href$='/report/']": "suite-report",
    "a[href^='/admin/review/'][href$='/'].table__link": "review-submission",
    "a[href^='/admin/review/access/']": "review-access",
    "#result_list tbody th a": "admin:partners_accessrequest_change",
}
STOCK = "Django's own; two lists and a form of the same kind are opened"
NO_KEY = "only with a second factor of one's own"
LEFT_OUT = {
    **{f"admin:{label.replace('.', '_')}_{page}": STOCK for label in MODELS
       for page in ("changelist", "add", "change", "delete", "history")},
    **{route.name: "only with DEBUG on" for route in DEVELOPMENT},
    **{route.name: "sends everybody elsewhere" for route in ALLAUTH if route.get and "ok" not in route.get.split()},
    "oauth-try-callback": "sends people on to their trial (installs/tests/test_trials.py)",
    "oauth-authorize": "only with a request of a client (installs/tests/test_consent_in_browser.py)",
    "mfa_generate_recovery_codes": NO_KEY,
    "mfa_reauthenticate_webauthn": NO_KEY,
    "mfa_remove_webauthn": NO_KEY,
    "mfa_edit_webauthn": NO_KEY,
    "beta-door": "on to the install page, or a choice of workspaces (reviews/tests/test_doors.py)",
    "admin:login": "sends people to the log-in of the product, and refuses those who are logged in",
    "admin:password_change": STOCK,
    "admin:password_change_done": STOCK,
    "admin:auth_user_password_change": STOCK,
    "admin:reviews_rubric_preview": "the desk's own form, which is opened at review-submission",
}  # fmt: skip
# What stock Django admin pages get wrong by themselves: small filter links (an element, a part of its HTML).
STOCK_ADMIN = frozenset({("target-size", 'href="?')})
# On a desktop the checklist stands beside the page, and the desk has its three columns.
ON_DESKTOP = {
    "anonymous": ["/", "/catalog/{public}/"],
    "owner": ["/apps/{building}/", "/apps/{private_beta}/test/ > a[href*='/test/runs/']"],
    "reviewer": [
        "/admin/review/",
        "/admin/review/?kind=submissions > a[href^='/admin/review/'][href$='/'].table__link",
        "/admin/partners/accessrequest/?queue=all > #result_list tbody th a > a[href^='/admin/review/access/']",
    ],
}
README_PICTURE = ROOT / "docs" / "img" / "console.png"
MAX_PICTURE_BYTES = 200_000


def browser(test: Any) -> Any:
    return pytest.mark.browser(pytest.mark.slow(test))


def more_of(who: str) -> list[list[str]]:
    """[name, slot, …] of each page in MORE."""
    return [page.split() for line in MORE.get(who, "").split("\n") for page in line.split(";") if page.strip()]


def names_opened() -> set[str]:
    """The names of all pages in PAGES and MORE."""
    found = {name for who in MORE for name, *_ in more_of(who)}
    for address in (address for addresses in PAGES.values() for address in addresses):
        start, *selectors = re.sub(r"{\w+}", "slug", address).split(" > ")
        if start.startswith("/catalog/slug") or not selectors:
            found.add(resolve(start.split("?")[0]).view_name)
        found.update(BEHIND[selector] for selector in selectors[-1:])
    return found


def test_every_page_is_opened_or_named_with_a_reason() -> None:
    pages = {route.name for route in ROUTES if route.kind is Kind.PAGE and route.get}
    opened = names_opened()

    assert sorted(pages - opened - LEFT_OUT.keys()) == [], "Add these pages to PAGES or to MORE."
    assert sorted((opened | LEFT_OUT.keys()) - {route.name for route in ROUTES}) == [], "These are no pages."


@pytest.fixture(scope="module")
def demo(demo: dict[str, Any]) -> dict[str, Any]:
    """The demo, and a newcomer who was invited."""
    return demo | {"users": demo["users"] | {"newcomer": {"email": NEWCOMER, "password": PASSWORD}}}


@pytest.fixture(scope="module")
def slots(demo: dict[str, Any], running_site: Site) -> dict[str, str]:
    """The slots of MORE."""
    made: dict[str, str] = json.loads(running_site.manage("shell", "--verbosity", "0", "-c", COMMAND).stdout)
    return made


def visitor(who: str, demo: dict[str, Any], site: Site, pages: Pages, **options: Any) -> Person:
    if who == "anonymous":
        return Person(who, "", site, pages, reduced_motion="reduce", **options)
    account = demo["users"][who]
    person = Person(who, account["email"], site, pages, reduced_motion="reduce", **options)
    person.log_in(password=account["password"])
    return person


def open_page(person: Person, address: str, demo: dict[str, Any]) -> None:
    start, *selectors = address.format(**demo["apps"]).split(" > ")
    person.go(start)
    for selector in selectors:
        person.go(str(person.page.locator(selector).first.get_attribute("href")))


def problems_of(person: Person, address: str, demo: dict[str, Any]) -> list[str]:
    open_page(person, address, demo)
    known = STOCK_ADMIN if address.startswith("/admin/") else frozenset()
    found = looks.sideways_scroll(person.page)
    for scheme in looks.schemes(address):
        found += looks.faults(person.page, scheme, known=known)
        person.screenshot(re.sub(r"\W+", "-", f"{person.name}{address.format(**demo['apps'])}{scheme}"))
    return found


@browser
@pytest.mark.parametrize("who", sorted(PAGES.keys() | MORE.keys()))
def test_pages_on_a_phone(
    who: str, demo: dict[str, Any], slots: dict[str, str], running_site: Site, page_factory: Pages
) -> None:
    person = visitor(who, demo, running_site, page_factory, size="phone")
    more = [reverse(name, args=[slots[slot] for slot in needed]) for name, *needed in more_of(who)]

    found = [problem for address in PAGES.get(who, []) + more for problem in problems_of(person, address, demo)]

    assert not found, "\n".join(found)


@browser
@pytest.mark.parametrize("who", ON_DESKTOP)
def test_pages_on_a_desktop(who: str, demo: dict[str, Any], running_site: Site, page_factory: Pages) -> None:
    person = visitor(who, demo, running_site, page_factory)

    found = [problem for address in ON_DESKTOP[who] for problem in problems_of(person, address, demo)]

    assert not found, "\n".join(found)


@browser
def test_the_picture_in_the_readme(demo: dict[str, Any], running_site: Site, page_factory: Pages) -> None:
    """SCREENSHOTS=1 takes it anew; it is small enough to be kept with the code."""
    if os.environ.get("SCREENSHOTS") == "1":
        owner = visitor("owner", demo, running_site, page_factory)
        owner.page.set_viewport_size({"width": 1280, "height": 800})
        open_page(owner, "/apps/{private_beta}/", demo)
        README_PICTURE.parent.mkdir(exist_ok=True)
        owner.page.screenshot(path=README_PICTURE)

    assert README_PICTURE.stat().st_size < MAX_PICTURE_BYTES
