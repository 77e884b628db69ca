"""A destination by pull request, the first half: joining, the plan, the partner's own machine, the pull request."""

from playwright.sync_api import Locator, expect

from devcenter.demo.github import Telling
from tests.journey import access, building, desk, listing, pictures
from tests.journey.people import Person
from tests.journey.story import Story

COMPANY = "Tidepool"
APP = "Tidepool Insights"
SLUG = "tidepool-insights"
WHAT = "Adds a destination for Tidepool Insights, because customers ask for it: orders become journeys."
TEMPLATE = """Please find the below info for {app} Catalog entry.

- **Name:** {app}
- **Link to your most recent PR on the actions-destination repository:** {pull}
- **Description:** Tidepool shows where orders come from.
- **Website:** https://www.tidepool.example
- **Categories:** Analytics, Customer Success
- **Logo:** logo.svg
- **Mark:** mark.svg
- **Customer support email address:** {support}
"""


def tab(person: Person, name: str) -> Locator:
    """One of the tabs of the App's console."""
    return person.page.get_by_role("navigation", name=f"Sections of {APP}").get_by_role("link", name=name, exact=True)


def press_beside(person: Person, label: str) -> None:
    """A button in the second column of the page."""
    person.press(label, within=person.page.locator("aside.app-side"))


# --- Joining (S4) -------------------------------------------------------------------------------------


def partner_joins(dana: Person, rita: Person) -> None:
    """As tests/journey/becoming_partner.py tells it at length."""
    dana.go("/accounts/signup/")
    dana.sign_up()
    dana.go("/apply/")
    access.fill_survey(dana, COMPANY)
    access.wait_until_saved(dana)
    access.accept_both_documents(dana)
    dana.press("Send the request")
    rita.log_in()
    desk.open_from_queue(rita, COMPANY, "Access request")
    access.judge_all_met(rita)
    rita.press("Approve", exact=True)
    rita.sees("Done: the request is approved.")
    dana.go(dana.mail.link("Welcome", containing="/company/"))
    dana.sees(COMPANY)
    dana.screenshot("pull-company")
    dana.follow("See your seat")
    dana.press("Ask for a seat")
    dana.sees("Asked for")
    dana.screenshot("partner-slack")


def app_is_made_by_pull_request(dana: Person) -> None:
    dana.go("/apps/new/")
    building.create_app(dana, APP)
    dana.page.locator('[name="processes"][value="pull_request"]').check()
    dana.screenshot("choose-pull-request")
    dana.press("Save and set up the component")
    dana.sees("A destination by pull request starts with its plan.")


# --- The plan (S14, S15) ------------------------------------------------------------------------------


def plan_is_written(dana: Person) -> None:
    tab(dana, "Plan").click()
    dana.page.locator('[name="mode"][value="cloud"]').check()
    dana.press("Save the mode")
    form = dana.page.locator("#plan-form")
    form.locator('[name="summary"]').fill("Orders become journeys that a sales team can follow.")
    form.locator('[name="auth_method"][value="custom"]').check()
    form.locator('[name="auth_notes"]').fill("The API key goes into the header Authorization.")
    dana.press("Save", exact=True, within=form)
    dana.follow("Add the first action")
    action_is_written(dana)
    expect(dana.page.locator("#action-send_order, #action-sendOrder, .plan-action").first).to_contain_text("Send order")
    dana.sees("The plan is complete")
    press_beside(dana, "Ask the team to look")
    dana.sees("Waits for a look")
    dana.screenshot("plan")


def action_is_written(dana: Person) -> None:
    """The name that the spec does not know is pointed out while it is typed; the two first fields stand there."""
    form, checked = dana.page.locator("#action-form"), dana.page.locator("#action-preview")
    form.locator('[name="name"]').fill("Send order")
    trigger = form.locator('[name="trigger"]')
    trigger.fill('type = "track" and event = "Purchase"')
    expect(checked).to_contain_text("calls “Purchase” “Order Completed”")
    dana.screenshot("plan-action-remark")
    trigger.fill('type = "track" and event = "Order Completed"')
    expect(checked).to_contain_text("Follows the spec")
    dana.press("Add the action", within=form)


def team_looks_at_the_plan(rita: Person, dana: Person) -> None:
    """A remark keeps the plan from being complete until it is answered."""
    rita.go(rita.mail.link(f"{APP} asks for a look", containing="/plan/"))
    rita.screenshot("plan-as-staff")
    say_about_the_plan(rita, "What becomes of orders that are refunded?")
    dana.new_tab()
    dana.go(dana.mail.link("a comment on the plan", containing="/plan/"))
    dana.sees("Segment’s team has a remark on the plan: answer it.")
    say_about_the_plan(dana, "They get a journey of their own in the next version.")
    dana.sees("The plan is complete")
    dana.screenshot("plan-talk")
    rita.page.reload()
    press_beside(rita, "Building can start")
    rita.sees("building can start")


def say_about_the_plan(person: Person, text: str) -> None:
    talk = person.page.locator("#talk-plan")
    # Where the other side had the last word the form stands open already.
    if not talk.locator('[name="text"]').is_visible():
        talk.locator("summary").click()
    talk.locator('[name="text"]').fill(text)
    person.press("Send", within=talk)


# --- The partner's own machine (S16) ------------------------------------------------------------------


def guide_is_followed(dana: Person) -> None:
    """Every step ticked; the scaffold comes out of the plan."""
    dana.follow("Set-up guide")
    dana.screenshot("guide")
    with dana.page.expect_download() as scaffold:
        dana.follow("Scaffold (.zip)")
    assert scaffold.value.suggested_filename.endswith(".zip")
    steps = dana.page.locator(".guide-step")
    for number, step in enumerate(steps.all(), start=1):
        dana.press("Done", within=step)
        expect(dana.page.locator(".guide-step--done")).to_have_count(number)
    dana.sees("Next: open the pull request, and link it here.")


# --- The pull request (S27) ---------------------------------------------------------------------------


def pull_request_is_linked(dana: Person, pull: Telling) -> None:
    """GitHub tells of it before or after: it is known here as soon as both have happened."""
    tab(dana, "Pull request").click()
    dana.type(address="https://github.com/brightloop/website/pull/7")
    dana.press("Link", exact=True)
    dana.is_told("do not count here")
    dana.screenshot("pull-wrong-repository")
    dana.type(address=pull.url)
    dana.press("Link", exact=True)
    dana.sees("We wait for word from GitHub")
    pull.open()
    pull.check()
    dana.sees("Ready for the review", seconds=20)
    dana.sees("Checks passed")
    dana.screenshot("pull-linked")


# --- The catalog entry (S23) --------------------------------------------------------------------------


def template_is_pasted(dana: Person, pull: Telling) -> None:
    """What cannot be read is pointed out; corrected, all of it is taken over."""
    dana.go(f"/apps/{SLUG}/listing/template/")
    dana.screenshot("template")
    fill_template(dana, pull, "soon")
    dana.press("Read it")
    dana.sees("Support email")
    dana.screenshot("template-read")
    dana.page.get_by_text("Correct the text and read it again").click()
    fill_template(dana, pull, "help@tidepool.example")
    dana.press("Read it again")
    dana.press("Take over what is ticked")
    expect(dana.page.locator('[name="website"]')).to_have_value("https://www.tidepool.example")
    expect(dana.page.locator('[name="support_email"]')).to_have_value("help@tidepool.example")
    dana.screenshot("listing-from-template")


def fill_template(dana: Person, pull: Telling, support: str) -> None:
    dana.type(text=TEMPLATE.format(app=APP, pull=pull.url, support=support))
    for name, picture in (("logo", pictures.LOGO), ("mark", pictures.MARK)):
        dana.page.locator(f'main input[name="{name}"]').set_input_files(pictures.upload(f"{name}.svg", picture))


# --- Handing in ---------------------------------------------------------------------------------------


def the_rest_is_filled_in(dana: Person, story: Story) -> None:
    listing.fill_docs(dana, SLUG, f"{story.site.base_url}/docs/webhook/")
    listing.give_test_account(dana, SLUG, password="only-for-tides-3", api_key="tide-review-key")
