"""Every kind of page as those who see it, on the demo data: phone and desktop, light and dark.

Nothing may stick out sideways, axe (WCAG 2.2 AA) finds nothing, and `page_factory` sees no console error and
no CSP violation.
"""

import json
import os
import re
from typing import Any

import pytest

from tests.journey import looks
from tests.journey.people import Person
from tests.services.browser import Pages
from tests.services.site import ROOT, Site

pytestmark = [pytest.mark.browser, pytest.mark.slow]

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
        /apps/{building}/listing/ /apps/{building}/listing/pictures/
        /apps/{building}/docs/ /apps/{building}/docs/template/
        /apps/{building}/access/
        /apps/{building}/submit/ /apps/{building}/questions/ /apps/{building}/activity/ /apps/{building}/danger/
        /apps/{private_beta}/ /apps/{private_beta}/beta/ /apps/{public}/review/ /apps/{public}/versions/1/
        /company/ /notices/ /account/ /account/delete/ /accounts/email/ /accounts/password/change/ /accounts/2fa/
        /accounts/sessions/ /apply/
    """.split(),
    "developer": ["/apps/{private_beta}/test/ > a[href*='/test/runs/']",
                  "/apps/{private_beta}/test/ > a[href*='/test/runs/'] > a[href$='/report/']", "/company/",
                  "/apps/{private_beta}/thread/", "/apps/{public}/differences/",
                  "/apps/{building}/settings/edit/apiKey/", "/account/mail/"],
    "viewer": ["/apps/{building}/", "/apps/{building}/listing/"],
    "customer": ["/", "/apps/", "/apply/", "/goto-my-workspace/destinations/catalog/{private_beta}"],
    "reviewer": [
        "/admin/review/", "/admin/review/?tab=overdue",
        "/admin/review/?kind=submissions > a[href^='/admin/review/'][href$='/'].table__link",
        "/admin/partners/accessrequest/?queue=all > #result_list tbody th a > a[href^='/admin/review/access/']",
        "/admin/", "/admin/apps_catalog/app/", "/admin/partners/accessrequest/?queue=all",
        "/admin/partners/accessrequest/?queue=all > #result_list tbody th a",
    ],
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


@pytest.fixture(scope="module")
def demo(running_site: Site) -> dict[str, Any]:
    """What `seed_demo` printed: people with their passwords, and the slugs of Apps."""
    found: dict[str, Any] = json.loads(running_site.manage("seed_demo", "--json").stdout)
    return found


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
    for scheme in ("light", "dark"):
        found += looks.faults(person.page, scheme, known=known)
        person.screenshot(re.sub(r"\W+", "-", f"{person.name}{address.format(**demo['apps'])}{scheme}"))
    return found


@pytest.mark.parametrize("who", PAGES)
def test_pages_on_a_phone(who: str, demo: dict[str, Any], running_site: Site, page_factory: Pages) -> None:
    person = visitor(who, demo, running_site, page_factory, size="phone")

    found = [problem for address in PAGES[who] for problem in problems_of(person, address, demo)]

    assert not found, "\n".join(found)


@pytest.mark.parametrize("who", ON_DESKTOP)
def test_pages_on_a_desktop(who: str, demo: dict[str, Any], running_site: Site, page_factory: Pages) -> None:
    person = visitor(who, demo, running_site, page_factory)

    found = [problem for address in ON_DESKTOP[who] for problem in problems_of(person, address, demo)]

    assert not found, "\n".join(found)


def test_the_picture_in_the_readme(demo: dict[str, Any], running_site: Site, page_factory: Pages) -> None:
    """SCREENSHOTS=1 takes it anew; it is small enough to be kept with the code."""
    if os.environ.get("SCREENSHOTS") == "1":
        owner = visitor("owner", demo, running_site, page_factory)
        owner.page.set_viewport_size({"width": 1280, "height": 800})
        open_page(owner, "/apps/{private_beta}/", demo)
        README_PICTURE.parent.mkdir(exist_ok=True)
        owner.page.screenshot(path=README_PICTURE)

    assert README_PICTURE.stat().st_size < MAX_PICTURE_BYTES
