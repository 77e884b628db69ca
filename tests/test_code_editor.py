"""The vendored code editor: exactly the bundle that was built, only where it is needed, and nobody is caught in it."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from tests.journey import looks
from tests.journey.people import Person
from tests.services.browser import Pages
from tests.services.site import Site

ROOT = Path(__file__).resolve().parents[1]
VENDOR, RECIPE = ROOT / "static" / "vendor" / "codemirror", ROOT / "scripts" / "codemirror"


def versions() -> dict[str, str]:
    lines = (VENDOR / "VERSION").read_text().splitlines()
    return dict(line.split() for line in lines if len(line.split()) == 2)


def test_the_bundle_is_the_one_that_was_built() -> None:
    assert hashlib.sha256((VENDOR / "codemirror.js").read_bytes()).hexdigest() == versions()["sha256"]
    assert (VENDOR / "LICENSE").read_text().startswith("MIT License")


def test_the_lock_holds_what_version_says_and_names_no_registry() -> None:
    text = (RECIPE / "package-lock.json").read_text()
    locked = json.loads(text)["packages"]
    wanted = json.loads((RECIPE / "package.json").read_text())["devDependencies"]
    assert "resolved" not in text
    assert all(part.get("integrity") for name, part in locked.items() if name)
    assert {name: locked[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    assert {name: version for name, version in versions().items() if name in wanted} == wanted
    assert wanted["codemirror"] == "6.0.2"  # "latest" is a misnumbered release of version 5


def test_the_bundle_runs_no_text_as_code() -> None:
    assert not re.search(r"\beval\(|new Function\b", (VENDOR / "codemirror.js").read_text())


def test_every_name_that_our_script_uses_is_in_the_bundle() -> None:
    scripts = (ROOT / "static" / "js").glob("code-*.js")
    used = {name for script in scripts for name in re.findall(r"\bcm\.(\w+)", script.read_text())}
    exported = set(re.findall(r"\w+", re.sub(r"//.*|from \"[^\"]*\"", "", (RECIPE / "entry.js").read_text())))
    assert used - exported == set()


@pytest.mark.django_db
def test_only_pages_with_an_editor_allow_its_styles_and_load_it(app, alice, client_for) -> None:
    client = client_for(alice)
    for name, has_editor in {"app-manifest": True, "app-settings": False}.items():
        answer = client.get(reverse(name, args=[app.slug]))
        policy, shown = answer["Content-Security-Policy"], answer.content.decode()
        nonces = re.findall(r"style-src 'self' 'nonce-([^']+)'", policy)
        assert (bool(nonces), "codemirror.js" in shown) == (has_editor, has_editor), name
        assert policy.count("nonce-") == len(nonces)  # never for scripts
        assert all(f'nonce="{nonce}"' in shown for nonce in nonces)


# --- In a browser ------------------------------------------------------------------------------------------


def editor(page: Page):
    return page.get_by_role("textbox", name="Manifest")


@pytest.mark.browser
@pytest.mark.slow
def test_the_manifest_is_edited_with_the_keyboard_alone(
    demo: dict[str, Any], running_site: Site, page_factory: Pages
) -> None:
    owner = Person("owner", demo["users"]["owner"]["email"], running_site, page_factory, reduced_motion="reduce")
    owner.log_in(password=demo["users"]["owner"]["password"])
    page, slug = owner.page, demo["apps"]["building"]
    owner.go(f"/apps/{slug}/manifest/")

    # Tab writes, Escape and Tab leave.
    editor(page).focus()
    page.keyboard.press("Control+Home")
    page.keyboard.press("Tab")
    expect(page.locator("#id_text")).to_have_value(re.compile(r"^  {"))
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(editor(page)).not_to_be_focused()

    # A slip is announced as it is typed, and shown at its line after the check.
    editor(page).focus()
    page.keyboard.press("Control+End")
    page.keyboard.type("]")
    expect(page.locator("[data-code-editor-status]")).to_contain_text("Not JSON yet")
    press_from_editor(page)
    expect(page.locator("[data-error-summary]")).to_be_focused()
    assert looks.glance(page) == []
    page.get_by_role("link", name=re.compile(r"Line \d+, column 1")).press("Enter")
    expect(editor(page)).to_be_focused()
    page.keyboard.press("Delete")

    # What would change, then the change.
    draft = json.loads(page.locator("#id_text").input_value())
    draft["listing"]["website"] = "https://keyboard.example/"
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(json.dumps(draft, indent=2))
    press_from_editor(page)
    expect(page.get_by_role("heading", name="What this changes in the draft")).to_be_visible()
    expect(page.locator(".manifest-diff__added")).to_contain_text("keyboard.example")
    assert looks.glance(page) == []
    page.get_by_role("button", name="Apply").press("Enter")
    expect(page.get_by_text("Applied: listing changed.")).to_be_visible()


def press_from_editor(page: Page) -> None:
    page.get_by_role("button", name="Check").press("Enter")
    page.wait_for_load_state()
    page.wait_for_selector(".cm-editor")


@pytest.mark.browser
@pytest.mark.slow
def test_the_manifest_is_a_text_area_without_scripts(
    demo: dict[str, Any], running_site: Site, page_factory: Pages
) -> None:
    owner = Person("owner", demo["users"]["owner"]["email"], running_site, page_factory, javascript=False)
    owner.log_in(password=demo["users"]["owner"]["password"])
    page = owner.page
    owner.go("/apps/new/manifest/")
    page.get_by_label("Manifest", exact=True).fill('{"name": "Plain Text",}')
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_text("There is a comma too many")).to_be_visible()
    page.get_by_label("Manifest", exact=True).fill('{"name": "Plain Text"}')
    page.get_by_role("button", name="Check").click()
    page.get_by_role("button", name="Create the App").click()
    expect(page.get_by_text("Plain Text is there.")).to_be_visible()


@pytest.mark.browser
@pytest.mark.slow
def test_a_function_is_written_and_run_with_the_keyboard(running_site: Site, page_factory: Pages) -> None:
    demo = json.loads(running_site.manage("seed_demo", "--json").stdout)
    owner = Person("owner", demo["users"]["owner"]["email"], running_site, page_factory, reduced_motion="reduce")
    owner.log_in(password=demo["users"]["owner"]["password"])
    page, slug = owner.page, demo["apps"]["building"]
    owner.go(f"/apps/{slug}/components/")
    page.get_by_role("button", name="Add Subscription function").click()
    code = page.get_by_role("textbox", name="Code")
    outline = page.locator("[data-code-outline]")
    expect(outline.locator("[data-handler=onBatch]").get_by_text("Not there")).to_be_visible()
    outline.get_by_role("button", name=re.compile("onTrack")).click()
    expect(code).to_be_focused()

    # A slip is told as it is typed; the draft keeps itself all the same.
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(FUNCTION + "async function onBatch(events {")
    expect(page.locator("[data-code-editor-status]")).to_contain_text("Not JavaScript yet")
    expect(page.locator("[data-autosave-status]")).to_contain_text("Saved")
    # Typing over coloured text: Chromium would write a style of its own, which the policy blocks.
    page.keyboard.press("Shift+Home")
    page.keyboard.insert_text("async function onBatch(events) { return []; }")
    expect(page.locator("[data-code-editor-status]")).to_contain_text("The code can be read.")
    expect(outline.get_by_role("button", name=re.compile("onBatch"))).to_be_visible()

    try_it(page, code)
    assert looks.glance(page) + looks.sideways_scroll(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert looks.sideways_scroll(page) == []
    page.set_viewport_size({"width": 1280, "height": 900})

    page.keyboard.press("Control+s")
    expect(page.get_by_text("Version 1 is saved.")).to_be_visible()
    page.wait_for_selector(".cm-editor")
    code.focus()
    page.keyboard.press("Control+End")
    page.keyboard.insert_text("\n// the second")
    page.get_by_role("button", name="Save and deploy").click()
    expect(page.get_by_text("Version 2 is deployed.")).to_be_visible()
    page.get_by_role("link", name="Version 2").first.click()
    expect(page.locator("td.code-diff__added", has_text="// the second")).to_be_visible()
    assert looks.glance(page) + looks.sideways_scroll(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    place = page.locator("td.code-diff__text.code-diff__added", has_text="// the second").bounding_box()
    assert place
    assert place["x"] + place["width"] <= 390
    assert looks.sideways_scroll(page) == []

    # The demo is for other tests, too.
    owner.go(f"/apps/{slug}/components/")
    page.get_by_role("button", name="Remove Subscription function").click()
    expect(page.get_by_text("Subscription function removed.")).to_be_visible()


FUNCTION = """async function onPage(event, settings) {
  console.log("seen", event.name);
  return { name: event.name };
}
"""


def try_it(page: Page, code: Locator) -> None:
    """Run the draft from the editor, put right what is missing, change the event, and go on typing."""
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-code-try] [data-error-summary]")).to_be_focused()
    page.get_by_label("API Key").fill("demo-key")
    event = page.get_by_label("Event", exact=True)
    event.fill('{"type": "page", "name": "Pricing"}')
    event.press("Control+Enter")
    output = page.locator("[data-code-try-output]")
    expect(output.get_by_role("region", name="Returned value")).to_contain_text("Pricing")
    expect(output.get_by_role("region", name="Log")).to_contain_text("seen Pricing")
    expect(page.locator("[data-code-try] [data-error-summary]")).to_have_count(0)

    # The run has saved the draft: the next autosave is no conflict with it, and a second run shows its own rows.
    code.focus()
    page.keyboard.press("Control+End")
    page.keyboard.insert_text("\nasync function onTrack() { return 2; }")
    event.fill('{"type": "track", "event": "Bought"}')
    page.keyboard.press("Control+Enter")
    expect(output.get_by_role("region", name="Returned value")).to_have_text("2")
    code.focus()
    page.keyboard.press("Control+End")
    with page.expect_response(lambda answer: answer.request.method == "POST") as saved:
        page.keyboard.insert_text("\n// on")
    assert saved.value.status == 200
    # What was typed as the event is still there after a reload; the key is not.
    page.reload()
    page.wait_for_selector(".cm-editor")
    assert "Bought" in event.input_value()
    assert page.get_by_label("API Key").input_value() == ""
    code.focus()
