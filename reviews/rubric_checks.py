"""The machine checks that a rule of the rubric may name: pure functions over what is seen of an App.

Each says whether something is so, and on what that rests. How bad a failure is, the rule says, not the check.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from apps_catalog.states import TESTABLE_KINDS
from reviews.rubric_seen import Seen, SeenCase
from reviews.states import Machine
from runtime.webhooks import API_KEY
from testbench.states import RunState, Verdict

NOT_FROZEN = "This was not looked at when the version was submitted."


@dataclass(frozen=True, slots=True)
class Found:
    """What a check found: the verdict, the evidence as a sentence, and where to look or to mend."""

    machine: Machine
    evidence: str = ""
    url: str = ""


Check = Callable[[Seen], Found]


# --- Items of the checklist ------------------------------------------------------------------------------

# Every item that the partner closes; a rule names it to be judged by it.
ITEMS = (
    "test_account", "oauth", "oauth_plan", "choices", "component", "code_saved", "proof", "event_tester_used",
    "data_seen", "sdk_tested", "data_seen_again", "replay", "docs_partner", "docs_segment", "links_reachable", "launch",
    "description", "catalog_text", "website", "primary_category", "support_email", "logo", "mark", "entry_looked_at",
)  # fmt: skip


def item_done(item_id: str, seen: Seen) -> Found:
    """As the checklist computes or the partner attests it."""
    item = seen.items.get(item_id)
    if item is None:
        return Found(Machine.PERSON, NOT_FROZEN)
    if item.is_done:
        return Found(Machine.PASS, f"{item.text}: done.")
    return Found(Machine.FAIL, item.reason or f"{item.text}: still open.", item.url)


# --- Settings and endpoints, from the manifest -----------------------------------------------------------


def api_key_setting(seen: Seen) -> Found:
    """D9: `apiKey` is there, first, required and secret. Only an imported App, which D9 does not bind, can differ."""
    settings, url = seen.manifest.get("settings") or [], seen.pages.get("settings", "")
    first = settings[0] if settings else {}
    if first.get("key") != API_KEY:
        return Found(Machine.WARN, "The first setting is not the API key.", url)
    if not (first.get("required") and first.get("sensitive")):
        return Found(Machine.WARN, "The API key is not required and secret.", url)
    return Found(Machine.PASS, "The API key is the first setting, required and secret.")


def https_endpoint(seen: Seen) -> Found:
    """D10. Plain addresses are only accepted where an operator has opened a network for development."""
    endpoints = [part["endpoint"] for part in seen.manifest.get("components") or [] if part.get("endpoint")]
    plain = [endpoint for endpoint in endpoints if not endpoint.lower().startswith("https://")]
    if not endpoints:
        return Found(Machine.NONE, "There is no endpoint to look at.")
    if plain:
        return Found(Machine.WARN, f"{plain[0]} is not reached over HTTPS.", seen.pages.get("components", ""))
    return Found(Machine.PASS, f"{', '.join(endpoints)}")


def suite_passed(seen: Seen) -> Found:
    """S12. A destination by pull request is run by the checks in GitHub and on its maker's machine, not here."""
    return item_done("proof" if is_run_here(seen) else "checks", seen)


def is_run_here(seen: Seen) -> bool:
    """Whether the Test Suite can run a component of it."""
    kinds = {part.get("kind") for part in seen.manifest.get("components") or ()}
    return not kinds or bool(kinds & TESTABLE_KINDS)


# --- Results of the Test Suite ---------------------------------------------------------------------------


def deletion(seen: Seen) -> Found:
    """D34: partners must delete by user id; “not supported” is no refusal, and a person has to ask why."""
    cases = _of_group(seen, "deletion")
    if not cases:
        return Found(Machine.PERSON, "No kept run has sent a delete event.", seen.pages.get("suite", ""))
    if all(case.verdict == Verdict.GREEN for case in cases):
        return Found(Machine.PASS, f"The delete event was answered with {_statuses(cases)}.")
    if any(case.verdict == Verdict.YELLOW for case in cases):
        return Found(Machine.WARN, "The delete event is answered with “not supported”.", seen.pages.get("suite", ""))
    return Found(Machine.FAIL, "The delete event was refused.", seen.pages.get("suite", ""))


def refuses_bad_key(seen: Seen) -> Found:
    """D12: 401 for a key that is not valid."""
    return _advisory(seen, "bad_key", "A wrong key is refused.", "An event with a wrong key was not refused as such.")


def any_casing(seen: Seen) -> Found:
    """D11: the casing inside properties and traits varies by customer."""
    return _advisory(seen, "casing", "Every spelling was accepted.", "Some spellings of property names were refused.")


def status_codes(seen: Seen) -> Found:
    """D12, as far as the required cases show it; what each status stands for, a person reads."""
    known = [case for case in seen.cases if case.status is not None]
    if not known:
        return Found(Machine.PERSON, "No kept run has answers to look at.", seen.pages.get("suite", ""))
    if odd := [case for case in known if case.status not in MEANINGFUL]:
        return Found(Machine.WARN, f"{odd[0].name} was answered with {odd[0].status}.", seen.pages.get("suite", ""))
    return Found(Machine.PASS, f"Seen: {_statuses(known)}.")


# The statuses that the contract gives a meaning (D12), and the one for too many requests (D30).
MEANINGFUL = frozenset({200, 201, 202, 204, 400, 401, 403, 429, 500, 501, 503})


def error_messages(seen: Seen) -> Found:
    """D13. `testbench.evidence` quotes the endpoint's own words in the message of a case."""
    refused = [case for case in seen.cases if case.status is not None and case.status >= 400]
    if not refused:
        return Found(Machine.NONE, "Nothing was refused, so there is no message to look at.")
    if silent := [case for case in refused if "“" not in case.message]:
        text = f"{silent[0].name} was answered with {silent[0].status} and no message."
        return Found(Machine.WARN, text, seen.pages.get("suite", ""))
    return Found(Machine.PASS, "Every refusal carries a message.")


def reviewer_run(seen: Seen) -> Found:
    """S29, third step: the newest run of a reviewer."""
    if not is_run_here(seen):
        return Found(Machine.PERSON, "The Test Suite runs none of it. Try what is deployed, or run it from the branch.")
    if seen.reviewer_runs is None:
        return Found(Machine.PERSON, "A reviewer runs it with the test account's key.")
    if not seen.reviewer_runs:
        return Found(Machine.PERSON, "No reviewer has run it yet.")
    run = seen.reviewer_runs[0]
    if run.has_passed:
        return Found(Machine.PASS, f"A reviewer's run is {run.verdict}.")
    if run.state == RunState.FINISHED:
        return Found(Machine.FAIL, f"A reviewer's run is {run.verdict}.")
    return Found(Machine.PERSON, f"A reviewer's run is {run.get_state_display()}.")


def _advisory(seen: Seen, group: str, good: str, bad: str) -> Found:
    cases = _of_group(seen, group)
    if not cases:
        return Found(Machine.PERSON, "That group of the Test Suite was not run.", seen.pages.get("suite", ""))
    if any(case.verdict == Verdict.RED for case in cases):
        return Found(Machine.FAIL, bad, seen.pages.get("suite", ""))
    return Found(Machine.PASS, good)


def _of_group(seen: Seen, group: str) -> list[SeenCase]:
    return [case for case in seen.cases if case.group == group and case.verdict != Verdict.NOT_RUN]


def _statuses(cases: Iterable[SeenCase]) -> str:
    return ", ".join(str(status) for status in sorted({case.status for case in cases if case.status is not None}))


# --- Probes ----------------------------------------------------------------------------------------------


def probed(kind: str, seen: Seen) -> Found:
    """What the last look from outside found. Never a failure: what is down now may be up when it counts."""
    targets = [one for one in (seen.probe.targets if seen.probe else []) if one["kind"] == kind]
    if not targets:
        return Found(Machine.NONE, "Not looked at yet." if seen.probe is None else "There is no address to look at.")
    bad = [one for one in targets if one.get("state") in ("warn", "down")]
    if bad:
        return Found(Machine.WARN, f"{bad[0]['url']}: {bad[0]['message']}", seen.pages.get(_PAGE_OF[kind], ""))
    if all(one.get("state") == "ok" for one in targets):
        return Found(Machine.PASS, " ".join(f"{one['url']}: {one['message']}" for one in targets))
    return Found(Machine.NONE, "Being looked at now.")


_PAGE_OF = {"endpoint": "components", "docs": "docs", "website": "listing", "login": "access"}


def docs_links(seen: Seen) -> Found:
    """The checklist's item decides; a link that the last look found broken is said at once."""
    item, look = item_done("links_reachable", seen), probed("docs", seen)
    return look if item.machine == Machine.PASS and look.machine == Machine.WARN else item


REGISTRY: dict[str, Check] = {
    **{item: partial(item_done, item) for item in ITEMS},
    "links_reachable": docs_links,
    "proof": suite_passed,
    "api_key_setting": api_key_setting,
    "https_endpoint": https_endpoint,
    "deletion": deletion,
    "refuses_bad_key": refuses_bad_key,
    "any_casing": any_casing,
    "status_codes": status_codes,
    "error_messages": error_messages,
    "reviewer_run": reviewer_run,
    "endpoint_answers": partial(probed, "endpoint"),
    "website_answers": partial(probed, "website"),
    "login_page": partial(probed, "login"),
}
