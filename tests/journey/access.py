"""Asking for access, and judging the request in the admin."""

from playwright.sync_api import expect

from tests.journey.people import Person

SURVEY = {
    "company_website": "https://www.brightloop.example",
    "data_today": "Customers add our script to their site, or upload a CSV file once a day.",
    "data_from_segment": "Identify calls fill the People screen, track calls the Journeys report.",
    "use_cases": "Finding out which onboarding steps lose people, and writing to them.",
    "heard_from": "Two of our customers asked for a Segment integration.",
}
CRITERIA = ("real_company", "fitting_use", "able", "not_customer")


def fill_survey(person: Person, company: str) -> None:
    person.type(company_name=company, **SURVEY)


def wait_until_saved(person: Person) -> None:
    """The autosave says that the answers are kept."""
    expect(person.page.locator("[data-autosave-status]")).to_contain_text("Saved")


def expect_answers(person: Person, company: str) -> None:
    for name, value in {"company_name": company, **SURVEY}.items():
        expect(person.page.locator(f'[name="{name}"]')).to_have_value(value)


def accept_both_documents(person: Person) -> None:
    boxes = person.page.locator('input[name^="agreement_"]')
    expect(boxes).to_have_count(2)
    for box in boxes.all():
        box.check()


def judge_all_met(reviewer: Person) -> None:
    """Each of the four criteria met, with the evidence it rests on."""
    page = reviewer.page
    notes = page.locator('textarea[name^="evidence_"]')
    expect(notes).to_have_count(len(CRITERIA))
    for verdict in page.locator('select[name^="outcome_"]').all():
        verdict.select_option("met")
    for note in notes.all():
        note.fill("Looked at the website and the answers.")
