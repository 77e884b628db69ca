"""Partners' servers, with client libraries as partners use them, through the whole of Enable with Segment (D41 to D46).

The button on the partner's own page, log-in and consent in Chromium, the exchange, the destination, both ways to a new
token, an event that the destination delivers, and the end of it by the customer. client-oauth2 runs as the example App
for partners uses it, from before PKCE; Authlib as one would write it today.
"""

import base64
import json
import re
import threading
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from playwright.sync_api import Page, expect

from tests.journey.people import Person
from tests.oauth_clients.customers import Visitor
from tests.oauth_clients.partners import LIBRARIES, NODE, PYTHON, Partner, missing
from tests.services.browser import Pages
from tests.services.processes import wait_until
from tests.services.receiver import Receiver, Request
from tests.services.redis import Redis
from tests.services.site import Site

BUTTON = "Enable with Segment"
WAITING_FOR_A_LOCK = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""
MALFORMED = {"error": "malformed token", "code": 16}


@dataclass(frozen=True)
class Scene:
    """A partner's server, what the site knows of it, and where its webhook listens."""

    site: Site
    partner: Partner
    made: Mapping[str, Any]
    receiver: Receiver

    def customer(self, name: str) -> Mapping[str, Any]:
        """The account, workspace and source of one customer: each test has its own."""
        found: Mapping[str, Any] = self.made["customers"][name]
        return found

    @property
    def arrived(self) -> list[Request]:
        """What the destination delivered."""
        return self.receiver.to(f"/hook/{self.partner.library}")


def set_the_scene(site: Site, receiver: Receiver, directory: Path, libraries: list[str]) -> dict[str, Scene]:
    partners = {library: Partner(library, directory) for library in libraries}
    uris = {library: partner.redirect_uri for library, partner in partners.items()}
    code = f"from tests.oauth_clients.setup import make; make({receiver.url + '/hook'!r}, {uris!r})"
    done = site.manage("shell", "--no-imports", "--verbosity", "0", "-c", code)
    made = json.loads(done.stdout.strip().splitlines()[-1])
    return {library: Scene(site, partner, made[library], receiver) for library, partner in partners.items()}


@pytest.fixture(scope="module")
def scenes(running_site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Scene]]:
    libraries = [library for library in LIBRARIES if not missing(library)]
    with Receiver() as receiver:
        found = set_the_scene(running_site, receiver, tmp_path_factory.mktemp("partners"), libraries)
        yield found
        for scene in found.values():
            scene.partner.stop()


def on_stage(scenes: Mapping[str, Scene], library: str) -> Scene:
    """The scene of a library, with the partner's server running."""
    if how_to_get := missing(library):
        pytest.skip(how_to_get)
    scene = scenes[library]
    scene.partner.start(scene.site, scene.made)
    return scene


# --- What the customer does ---------------------------------------------------------------------------


def come(scene: Scene, name: str, pages: Pages) -> Person:
    """A customer on the partner's sign-up page presses the button and logs in; before them is the consent."""
    customer = Person("Carol Customer", scene.customer(name)["email"], scene.site, pages)
    ask_again(scene, customer.page)
    expect(customer.page).to_have_url(re.compile("/accounts/login/"))
    log_in(customer)
    return customer


def log_in(customer: Person) -> None:
    customer.type(login=customer.email, password="correct horse battery staple")
    customer.send("password")
    expect(customer.page).to_have_url(re.compile(r"/oauth2/auth\?"))


def ask_again(scene: Scene, page: Page) -> None:
    page.goto(scene.partner.url)
    page.get_by_role("link", name=BUTTON).click()


def allow(scene: Scene, name: str, page: Page) -> None:
    chosen = scene.customer(name)
    page.locator(f'[name="place"][value="{chosen["workspace"]}/{chosen["source"]}"]').check()
    page.get_by_role("button", name="Allow").click()


def connected(page: Page) -> Any:
    """What the partner's page says after the way back."""
    expect(page.locator("h1")).to_have_text("Connected")
    return json.loads(page.locator("pre").inner_text())


def not_connected(page: Page) -> Any:
    expect(page.locator("h1")).to_have_text("Not connected")
    return json.loads(page.locator("pre").inner_text())


def end_access(scene: Scene, name: str, customer: Person) -> None:
    """In the workspace, under “Apps with access”."""
    customer.go(f"{scene.site.base_url}/w/{scene.customer(name)['workspace']}/access/")
    customer.page.get_by_text("End access…").click()
    customer.press("End access", exact=True)
    customer.sees("has no access any more.")


# --- The whole flow ------------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("library", LIBRARIES)
def test_a_partner_enables_itself(library: str, scenes: dict[str, Scene], page_factory: Pages) -> None:
    scene = on_stage(scenes, library)
    customer = come(scene, "story", page_factory)
    customer.sees(scene.made["name"])

    allow(scene, "story", customer.page)

    created = connected(customer.page)
    assert [answer["status"] for answer in created] == [200]
    check_destination(scene, created[0]["body"], "-1")
    enable_again(scene)
    get_new_tokens(scene)
    deliver_an_event(scene)
    spend_the_code_twice(scene)
    end_access(scene, "story", customer)
    everything_is_over(scene)


def check_destination(scene: Scene, body: Mapping[str, Any], ending: str) -> None:
    """D45, with the secret masked to its last four characters (D47)."""
    mine = scene.customer("story")
    name = f"workspaces/{mine['workspace']}/sources/{mine['source']}/destinations/{scene.made['app']}"
    config = {entry["name"]: entry["value"] for entry in body["config"]}

    assert (body["name"], body["enabled"], body["connection_mode"]) == (name, True, "CLOUD")
    value = config[f"{name}/config/apiKey"]
    assert value.endswith(ending)
    assert "sign-up-key" not in value


def enable_again(scene: Scene) -> None:
    """A customer who signs up a second time: the destination is there, and is brought up to date."""
    refused, patched = scene.partner.do("enable")

    assert refused["status"] == 409
    assert refused["body"]["code"] == 6
    assert "destination already exists" in refused["body"]["error"]
    assert patched["status"] == 200
    check_destination(scene, patched["body"], "-2")
    read = scene.partner.do("read")
    assert (read["status"], read["body"]) == (200, patched["body"])


def get_new_tokens(scene: Scene) -> None:
    """By the install's name (D43), and by the standard grant; each kills the token before."""
    mine = scene.customer("story")
    for way in ("renew", "refresh"):
        answer = scene.partner.do(way)
        body = answer["body"]

        assert (answer["status"], body["token_type"], body["scope"]) == (200, "bearer", scene.made["scope"])
        assert re.fullmatch(r"apps/\d+", body["app_name"])
        assert re.fullmatch(r"installs/\d+", body["install_name"])
        assert body["workspace_names"] == [f"workspaces/{mine['workspace']}"]
        assert body["source_names"] == [f"workspaces/{mine['workspace']}/sources/{mine['source']}"]
        assert scene.partner.do("read")["status"] == 200
        assert scene.partner.do("read-with-old") == {"status": 401, "body": MALFORMED}


def deliver_an_event(scene: Scene) -> None:
    """What the customer's source gets goes out through the destination that the partner made."""
    track(scene.site, scene.customer("story")["write_key"], "Order Completed")

    wait_until(lambda: scene.arrived, seconds=60, what="the event at the webhook")
    (request,) = scene.arrived
    body = json.loads(request.body)
    assert (body["type"], body["event"], body["userId"]) == ("track", "Order Completed", "ada")
    assert request.header("Authorization") == basic(f"{scene.partner.library}-sign-up-key-2")


def track(site: Site, write_key: str, event: str) -> None:
    call = json.dumps({"event": event, "userId": "ada"}).encode()
    headers = {"Content-Type": "application/json", "Authorization": basic(write_key)}
    request = urllib.request.Request(f"{site.base_url}/v1/track", call, headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200


def basic(user: str) -> str:
    return f"Basic {base64.b64encode(f'{user}:'.encode()).decode()}"


def spend_the_code_twice(scene: Scene) -> None:
    """Two parties have the code then: what it gave is dead, and the partner's own secret gets the next token."""
    refused = scene.partner.do("exchange-again")

    assert (refused["status"], refused["body"]["error"]) == (400, "invalid_grant")
    assert scene.partner.do("read") == {"status": 401, "body": MALFORMED}
    assert scene.partner.do("refresh")["body"]["error"] == "invalid_grant"
    assert scene.partner.do("renew")["status"] == 200
    assert scene.partner.do("read")["status"] == 200


def everything_is_over(scene: Scene) -> None:
    """From the moment at which the customer ended it."""
    assert scene.partner.do("read") == {"status": 401, "body": MALFORMED}
    assert scene.partner.do("refresh")["body"]["error"] == "invalid_grant"
    assert scene.partner.do("renew")["status"] == 404


# --- What comes between --------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.slow
def test_consent_in_two_tabs_is_one_install(scenes: dict[str, Scene], page_factory: Pages) -> None:
    scene = on_stage(scenes, "python")
    customer = come(scene, "tabs", page_factory)
    first, second = customer.page, customer.page.context.new_page()
    ask_again(scene, second)
    expect(second.get_by_role("button", name="Allow")).to_be_visible()

    allow(scene, "tabs", first)
    connected(first)
    allow(scene, "tabs", second)

    expect(second.get_by_role("alert")).to_contain_text("got access")
    expect(second.get_by_role("button", name="Allow")).to_have_count(0)
    assert scene.partner.do("read")["status"] == 200
    assert states_of(scene, "tabs") == ["active"]
    # The only way on from there is back to the partner, with a no.
    second.get_by_role("button", name="Deny").click()
    assert not_connected(second)["error"] == "access_denied"


@pytest.mark.browser
@pytest.mark.slow
def test_a_partner_who_is_down_when_the_customer_comes_back(scenes: dict[str, Scene], page_factory: Pages) -> None:
    """The code is lost with the answer. The customer starts again, and the lost one is good for nothing."""
    scene = on_stage(scenes, "node")
    page_factory.problems.allow("ERR_CONNECTION_REFUSED")
    customer = come(scene, "down", page_factory)
    lost: list[str] = []
    customer.page.on("request", lambda request: lost.append(request.url) if "code=" in request.url else None)

    scene.partner.stop()
    allow(scene, "down", customer.page)
    wait_until_gone(customer.page, lost)

    assert lost[0].startswith(f"{scene.partner.redirect_uri}?")
    assert states_of(scene, "down") == ["pending"]
    scene.partner.start(scene.site, scene.made)
    ask_again(scene, customer.page)
    allow(scene, "down", customer.page)
    connected(customer.page)
    # Within a minute it is the same consent, which the second code makes active; after that a new one.
    assert states_of(scene, "down") in (["active"], ["active", "ended"])
    assert Visitor(scene.site).exchange(scene.made, lost[0], scene.partner.redirect_uri)["error"] == "invalid_grant"
    assert scene.partner.do("read")["status"] == 200


def wait_until_gone(page: Page, requests: list[str]) -> None:
    """Until the browser has tried the partner's address; a time-out in the browser tells the test to look again."""
    for _ in range(100):
        if requests:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"nobody was sent anywhere: {page.url}")


def states_of(scene: Scene, name: str) -> list[str]:
    """Of all installs in the customer's workspace, the newest first."""
    rows = scene.site.query(
        "SELECT install.state FROM installs_install AS install JOIN workspaces_workspace AS workspace"
        " ON workspace.id = install.workspace_id WHERE workspace.slug = %s ORDER BY install.id DESC",
        scene.customer(name)["workspace"],
    )
    return [row[0] for row in rows]


# --- A web process that dies ---------------------------------------------------------------------------


@pytest.mark.processes
@pytest.mark.slow
def test_a_web_process_that_dies_in_the_middle_of_an_exchange(
    breakable_site: Site, breakable_redis: Redis, receiver: Receiver, tmp_path: Path
) -> None:
    """Nothing of it stays, not even the use of the code: the customer reloads the page, and it works."""
    if how_to_get := missing("node"):
        pytest.skip(how_to_get)
    scene = set_the_scene(breakable_site, receiver, tmp_path, ["node"])["node"]
    scene.partner.start(scene.site, scene.made)
    try:
        callback = Visitor(scene.site).allow(scene.partner, scene.customer("story"))
        breakable_site.query("UPDATE installs_grant SET expires = now() + interval '1 hour' RETURNING id")

        kill_mid_exchange(scene, callback)

        assert states_of(scene, "story") == ["pending"]
        assert breakable_site.query("SELECT id FROM installs_accesstoken") == []
        assert "Connected" in Visitor(scene.site).read(callback)
        assert states_of(scene, "story") == ["active"]
        assert scene.partner.do("read")["status"] == 200
    finally:
        scene.partner.stop()


def kill_mid_exchange(scene: Scene, callback: str) -> None:
    """The exchange has begun to write when it has to wait for the workspace's audit chain; there its process dies."""
    seen: list[str] = []
    lock = psycopg2.connect(scene.site.env["DATABASE_URL"])
    try:
        with lock.cursor() as cursor:
            cursor.execute("SELECT * FROM audit_chain FOR UPDATE")
        coming = threading.Thread(target=lambda: seen.append(Visitor(scene.site).read(callback)))
        coming.start()
        wait_until(lambda: scene.site.query(WAITING_FOR_A_LOCK)[0][0], seconds=30, what="the exchange")
        scene.site.web.kill()
        coming.join(30)
    finally:
        lock.close()
    assert "Not connected" in seen[0]
    scene.site.web.start()


# --- The locks -----------------------------------------------------------------------------------------


def test_the_locks_name_versions_and_digests_and_no_registry() -> None:
    text = (NODE / "package-lock.json").read_text()
    locked = json.loads(text)["packages"]
    wanted = json.loads((NODE / "package.json").read_text())["dependencies"]
    wheels = (PYTHON / "requirements.txt").read_text()

    assert "resolved" not in text
    assert all(part.get("integrity") for name, part in locked.items() if name)
    assert {name: locked[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    assert len(re.findall(r"^[a-z]+==[\d.]+ \\\n    --hash=sha256:[0-9a-f]{64}$", wheels, re.MULTILINE)) == 2
    assert "://" not in wheels
