"""The listing, a colleague, the submission, and the review of it."""

import re

from playwright.sync_api import expect

from tests.journey import building, desk, listing, pictures, sandbox
from tests.journey.people import Person
from tests.journey.story import APP, COMPANY, KEY, REVIEW_KEY, REVIEW_PASSWORD, SLUG, Story

# --- 5 and 6: the listing, a colleague, submitting ----------------------------------------------------


def submitting_too_early_names_what_is_missing(alice: Person) -> None:
    alice.go(f"/apps/{SLUG}/submit/")
    alice.press("Submit for Review")
    summary = alice.is_told("Not submitted")
    for missing in ("Logo", "Support email", "Test account for reviewers", "Data seen in your own service"):
        expect(summary.get_by_role("link", name=missing, exact=True)).to_be_visible()
    alice.screenshot("submit-too-early")


def listing_is_filled(alice: Person, story: Story) -> None:
    alice.go(f"/apps/{SLUG}/listing/")
    huge = pictures.oversized(story.files)
    listing.fill_listing(alice, logo=pictures.upload("logo.svg", pictures.HOSTILE_LOGO), mark=huge)
    alice.is_told("The file is larger than 100 kB.")
    alice.sees("The logo you chose is kept: no need to choose it again.")
    alice.sees(re.compile("We left out of the logo: .*script"))
    expect(alice.page.locator('[name="description"]')).to_have_value(listing.DESCRIPTION)
    alice.screenshot("listing-too-large")
    alice.page.locator('input[name="mark"]').set_input_files(pictures.upload("mark.svg", pictures.MARK))
    alice.press("Save", exact=True)
    alice.sees("The listing is saved.")
    alice.screenshot("listing")
    listing.fill_docs(alice, SLUG, f"{story.site.base_url}/docs/webhook/")
    alice.screenshot("docs")
    listing.give_test_account(alice, SLUG, password=REVIEW_PASSWORD, api_key=REVIEW_KEY)
    assert REVIEW_PASSWORD not in alice.page.content()
    alice.screenshot("reviewer-access")


def colleague_joins(alice: Person, bob: Person) -> None:
    alice.go("/company/")
    alice.page.get_by_label("Email address").fill(bob.email)
    alice.press("Send the invitation")
    bob.go(bob.mail.link("invites you to join", containing="/invitations/"))
    bob.screenshot("invitation")
    bob.follow("Sign up", within=bob.page.locator("main"))
    bob.sign_up()
    bob.press(f"Join {COMPANY}")
    bob.go("/company/")
    expect(bob.page.get_by_role("row", name=bob.email)).to_contain_text("developer")


def partner_tests_in_own_workspace(alice: Person, story: Story) -> None:
    sandbox.try_in_own_workspace(alice, story, SLUG, APP, KEY)


def partner_submits_once(alice: Person) -> None:
    listing.confirm(alice, SLUG, "data_seen", "data_seen_again", "entry_looked_at")
    alice.screenshot("overview-ready")
    alice.go(f"/apps/{SLUG}/submit/")
    alice.screenshot("submit")
    alice.page.get_by_role("button", name="Submit for Review").dblclick()
    alice.sees("Version 1 is submitted.")
    alice.screenshot("review-waiting")
    assert "review queue" in alice.mail.read("we received your submission").text()
    expect(alice.page.get_by_role("link", name="Version 2")).to_have_count(0)
    assert sum("received your submission" in subject for subject in alice.mail.subjects) == 1


# --- 7: the review ----------------------------------------------------------------------------------


def reviewer_looks_and_asks(rita: Person, story: Story) -> None:
    rita.mail.read(f"Review: {APP} version 1")
    desk.open_from_queue(rita, APP, "version 1")
    rita.screenshot("desk-submission")
    shown = desk.reveal(rita, "password")
    expect(shown.locator("#secret")).to_have_text(REVIEW_PASSWORD)
    rita.pages.screenshot(shown, "desk-revealed")
    shown.close()
    story.receiver.clear()
    desk.rerun_suite(rita)
    assert building.authorizations(story.receiver) == [building.basic(REVIEW_KEY)] * building.EVENTS
    desk.judge(rita, "log_in", "Passes", "The account opens the demo workspace.")
    desk.save_step(rita, "log_in")
    desk.beats(rita)
    desk.open_tab(rita, "Questions")
    rita.press("Ask by mail about replay compatibility")
    rita.sees("The partner is asked about replay compatibility.")


def partner_answers(alice: Person) -> None:
    alice.go(alice.mail.link("can your service take a replay", containing="/questions/"))
    alice.screenshot("questions")
    for question in ("timestamp", "order", "rate"):
        alice.page.locator(f'input[name="{question}"][value="yes"]').check()
    alice.type(limits="100 requests per second.")
    alice.press("Send the answer")
    alice.sees("Thank you: your answer is kept.")


def reviewer_requests_changes(rita: Person) -> None:
    desk.open_from_queue(rita, APP, "version 1")
    desk.open_tab(rita, "Questions")
    expect(rita.page.locator("#questions")).to_contain_text("100 requests per second.")
    desk.judge(rita, "catalog_info", "Fails", "The description does not say which plan is needed.")
    finding = rita.page.locator("#finding-0")
    finding.get_by_label("Rule").fill("description")
    finding.get_by_label("Rule").blur()
    expect(finding.get_by_label("Step")).to_have_value("catalog_info")
    expect(finding.get_by_label("What to do")).to_have_value("Say what they do with your tool and Segment.")
    finding.get_by_label("What was seen").fill("The description does not say which plan is needed.")
    finding.get_by_label("What to do").fill("Name the plan in the last line of the description.")
    desk.decide_by_keys(rita, "Request changes")
    rita.sees("The changes are requested.")
    rita.screenshot("desk-decided")


def partner_mends_and_resubmits(alice: Person) -> None:
    assert "Name the plan in the last line" in alice.mail.read("1 thing to change").text()
    alice.go(f"/apps/{SLUG}/review/")
    alice.sees("The catalog information is correct")
    alice.sees("The description does not say which plan is needed.")
    alice.sees("Name the plan in the last line of the description.")
    alice.screenshot("review-changes")
    alice.go(f"/apps/{SLUG}/listing/")
    alice.type(description=f"{listing.DESCRIPTION}\nPart of every plan.")
    alice.press("Save", exact=True)
    alice.sees("The listing is saved.")
    listing.confirm(alice, SLUG, "entry_looked_at")
    alice.go(f"/apps/{SLUG}/submit/")
    alice.page.get_by_label("What changed, and why").fill("The description names the plan now.")
    alice.press("Submit for Review")
    alice.sees("Version 2 is submitted.")


def reviewer_approves_for_private_beta(rita: Person) -> None:
    desk.open_from_queue(rita, APP, "version 2")
    rita.sees("The description names the plan now.")
    desk.judge_all_passed(rita)
    desk.decide(rita, "Approve")
    rita.sees("Approved. The partner is told")
