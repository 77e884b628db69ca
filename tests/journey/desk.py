"""The review desk: the queue, the page of one submission, the release."""

from playwright.sync_api import Page, expect

from tests.journey.people import PASSWORD as OWN_PASSWORD
from tests.journey.people import Person

STEPS = ("log_in", "api_key", "test_suite", "data_arrives", "docs_match", "catalog_info", "entry_renders")


def open_from_queue(reviewer: Person, name: str, what: str) -> None:
    """Follow the line of the queue about `name`; it says `what` it is and when it is due."""
    reviewer.go("/admin/review/")
    line = reviewer.page.locator(".desk__queue tbody tr").filter(has_text=name).filter(has_text=what)
    expect(line.locator('[data-label="Due"] time').first).to_be_visible()
    line.get_by_role("link", name=name).click()


def open_tab(reviewer: Person, name: str) -> None:
    """One part of a column at a time, fetched by htmx; without scripts the link leads to a page with it."""
    link = reviewer.page.locator("[data-desk-parts]").get_by_role("link", name=name, exact=True)
    link.click()
    expect(link).to_have_attribute("aria-current", "true")


def reveal(reviewer: Person, part: str) -> Page:
    """Open one part of the test account; it shows in a tab of its own, after the password where that is asked."""
    open_tab(reviewer, "Test account")
    account = reviewer.page.locator("#account")
    with reviewer.page.expect_popup() as opened:
        account.get_by_role("button", name=f"Reveal {part}").click()
    tab = opened.value
    tab.wait_for_load_state()
    if "reauthenticate" in tab.url:
        tab.locator('main [name="password"]').fill(OWN_PASSWORD)
        tab.locator("main button[type='submit']").first.click()
    return tab


def rerun_suite(reviewer: Person) -> None:
    """Run with the key the partner stored, and wait for the verdict."""
    open_tab(reviewer, "Wire evidence")
    reviewer.press("Run the suite with the partner’s key")
    mine = reviewer.page.locator("#runs li").filter(has_text="for this review")
    expect(mine).to_contain_text("Not supported", timeout=30_000)


def judge(reviewer: Person, step: str, verdict: str, evidence: str = "") -> None:
    """Choose “Passes” or “Fails” for one step, without saving it yet."""
    row = reviewer.page.locator(f"#step-{step}")
    if row.get_attribute("open") is None:
        row.locator("summary").click()
    row.get_by_label(verdict, exact=True).check()
    if evidence:
        row.get_by_label("Evidence").fill(evidence)


def save_step(reviewer: Person, step: str) -> None:
    reviewer.page.locator(f"#step-{step}").get_by_role("button", name="Save").click()
    reviewer.sees("Saved: ")


def judge_all_passed(reviewer: Person) -> None:
    for step in STEPS:
        judge(reviewer, step, "Passes")


def beats(reviewer: Person) -> None:
    """The claim goes on without a hand at the page: back from another tab, it says at once until when."""
    page = reviewer.page
    page.wait_for_load_state()  # with its scripts
    with page.expect_response(lambda answer: answer.url.endswith("/claim/")) as heard:
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert heard.value.json()["is_mine"]
    expect(page.locator("#claim [data-claim-text]")).to_contain_text("You work on this until")


def decide_by_keys(reviewer: Person, label: str) -> None:
    """The first Ctrl + Enter leads to the decision that the verdicts lead to, the second takes it."""
    page = reviewer.page
    button = page.get_by_role("region", name="Decide").get_by_role("button", name=label)
    page.keyboard.press("Control+Enter")
    expect(button).to_be_focused()
    expect(page.locator("[data-desk-again]")).to_contain_text(label)
    page.keyboard.press("Control+Enter")


def decide(reviewer: Person, label: str) -> None:
    reviewer.page.get_by_role("region", name="Decide").get_by_role("button", name=label).click()
