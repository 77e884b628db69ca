"""The sentences about trains that pages and mails share. Days and cut-offs are those of the office."""

from datetime import date, datetime

from partners.clock import in_office_zone, in_words
from runtime.release_train import Boarding, Skipped, Why

NO_TRAIN = "Every release day of the next half year is closed. We write as soon as there is one."


def day_in_words(day: date) -> str:
    """“Wednesday, 4 November 2026”."""
    return f"{day:%A}, {day.day} {day:%B %Y}"


def moment_in_words(moment: datetime) -> str:
    """“Tuesday, 3 November 2026, 17:00 PST”."""
    return in_words(in_office_zone(moment))


def why(boarding: Boarding, *, is_ready: bool = True) -> str:
    """Why this train and not an earlier one; for what is not merged yet, what has to happen until when."""
    cutoff = moment_in_words(boarding.train.cutoff)
    if not is_ready:
        return f"It has to be merged by {cutoff} to be on board.{_passed_over(boarding.skipped)}"
    if boarding.why == Why.AFTER_CUTOFF and boarding.missed:
        missed = boarding.missed
        return (
            f"It was approved and merged after {moment_in_words(missed.cutoff)}, the cut-off for the train of "
            f"{day_in_words(missed.day)}, so it takes the next one."
        )
    if boarding.why == Why.LEFT and boarding.missed:
        left = f"It was not on the train of {day_in_words(boarding.missed.day)}, so it takes the next one."
        return left + _passed_over(boarding.skipped)
    return f"It was approved and merged before the cut-off, {cutoff}.{_passed_over(boarding.skipped)}"


def _passed_over(skipped: tuple[Skipped, ...]) -> str:
    """“ No train leaves on …”, with a space before it, or ""."""
    days = "; ".join(f"{day_in_words(one.day)} ({one.reason})" for one in skipped)
    return f" No train leaves on {days}." if days else ""
