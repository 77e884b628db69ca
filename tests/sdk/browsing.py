"""Visits a website in Chromium and makes the calls on standard input there: `python -m tests.sdk.browsing <address>`.

A process of its own, because Playwright allows one browser in a thread, and other tests have theirs. Writes
`{"errors": [what the console complained of], "plugin": [kinds of calls that the device-mode plugin got]}`.
"""

import json
import sys
from typing import Any

from tests.services.browser import find_program, launched

LOADED = "() => window.analytics && window.analytics.initialized && window.partnerCalls"


def main() -> None:
    calls = json.load(sys.stdin)
    program = find_program()
    assert program, "Chromium is missing"
    with launched(program) as browser:
        page = browser.new_page()
        json.dump(visit(page, sys.argv[1], calls), sys.stdout)


def visit(page: Any, address: str, calls: list[dict[str, Any]]) -> dict[str, Any]:
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(address)
    try:
        page.wait_for_function(LOADED, timeout=20_000)
        page.evaluate("calls => send(calls)", calls)
    except Exception as error:
        errors.append(str(error))
    return {"errors": errors, "plugin": page.evaluate("window.partnerCalls || []")}


if __name__ == "__main__":
    main()
