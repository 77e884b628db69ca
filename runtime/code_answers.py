"""What became of an event in partners' code, in the words and verdicts of the Test Suite (D12, D16, D17).

The same `Outcome` as a webhook's answer has, so that a run page, a comparison and a report read all three
kinds of component alike.
"""

from runtime import functions, plugins
from runtime.advice import Meaning, meaning_of_status
from runtime.suite.case import Expects
from runtime.webhooks import Outcome, OutcomeVerdict, one_line

_FUNCTION = functions.Outcome
_PLUGIN = plugins.Outcome

FUNCTION_MEANINGS = {
    _FUNCTION.SUCCESS: Meaning("Handled: the function returned.", "", ""),
    _FUNCTION.NOT_SUPPORTED: Meaning(
        "Not supported: this event is skipped.",
        "The function has no handler for this type of event, or it threw EventNotSupported.",
        "If your service can use this event, add the handler. If not, this is the right answer.",
    ),
    _FUNCTION.INVALID_PAYLOAD: Meaning(
        "Rejected as malformed: not sent again.",
        "The function threw InvalidEventPayload.",
        "Few fields are always there. Ask for no more than your service needs, and read optional ones with “?.”.",
    ),
    _FUNCTION.VALIDATION_ERROR: Meaning(
        "Rejected: not sent again.",
        "The function threw ValidationError.",
        "Check the settings you entered and what the handler insists on.",
    ),
    _FUNCTION.RETRY: Meaning(
        "Temporary failure: sent again later.",
        "The function threw RetryError.",
        "Throw it only where trying again can help: when your API answers 429 or 5xx, or does not answer.",
    ),
    _FUNCTION.TIMEOUT: Meaning(
        "Not done in time: sent again later.",
        "The function did not return within 5 seconds.",
        "Look for a loop that does not end, a promise nobody settles, or a slow request among the outgoing calls.",
    ),
    _FUNCTION.ERROR: Meaning(
        "Failed: not sent again.",
        "The code threw an error of no known type.",
        "The stack names the line. Throw one of the typed errors to say what shall happen.",
    ),
    _FUNCTION.LIMIT: Meaning(
        "Stopped at a limit: not sent again.",
        "The function used more memory, output or outgoing calls than one run may.",
        "Return and log less, keep nothing between runs, and send fewer requests for each event.",
    ),
    _FUNCTION.CRASHED: Meaning(
        "The function’s process ended.",
        "The code brought its process down.",
        "Look at the last line of the log. If it happens again with nothing unusual there, tell us.",
    ),
}

# Of several events at once: “8 handled”.
FUNCTION_WORDS = {
    _FUNCTION.SUCCESS: "handled",
    _FUNCTION.NOT_SUPPORTED: "not supported",
    _FUNCTION.INVALID_PAYLOAD: "rejected as malformed",
    _FUNCTION.VALIDATION_ERROR: "rejected",
    _FUNCTION.RETRY: "to be sent again later",
    _FUNCTION.TIMEOUT: "not done in time",
    _FUNCTION.ERROR: "failed",
    _FUNCTION.LIMIT: "stopped at a limit",
    _FUNCTION.CRASHED: "ended with the process",
}

PLUGIN_MEANINGS = {
    _PLUGIN.SUCCESS: Meaning("Handled: every method that ran returned.", "", ""),
    _PLUGIN.NOT_SUPPORTED: Meaning(
        "Not supported: the plugin leaves this event alone.",
        "The plugin has no method for this call, or no browser sends this type of event.",
        "If your service can use this event, add the method. If not, this is the right answer.",
    ),
    _PLUGIN.ERROR: Meaning(
        "Failed in the browser.",
        "A method threw, was never called, or ended the page.",
        "The console and the error below name the place. A method must return the context it was given.",
    ),
    _PLUGIN.TIMEOUT: Meaning(
        "Not done in time.",
        "The call was not over within the time an event has.",
        "Do not wait for the network within a method; start the request and return the context.",
    ),
    _PLUGIN.NOT_LOADED: Meaning(
        "Not tried: the plugin was not there.",
        "The script did not load, or an event before this one ended the page.",
        "See what the run says on top: the script’s own error, or the event that ended the page.",
    ),
}


def answer_of_function(run: functions.Run, expects: str = Expects.ACCEPTED) -> Outcome:
    """Judge one event through a function. With `expects` “unauthorized” the API key was wrong: refusing it is green."""
    meaning = FUNCTION_MEANINGS[run.outcome]
    own = f"{run.error_name}: {run.message}" if run.error_name else run.message
    refuses = run.outcome in (_FUNCTION.VALIDATION_ERROR, _FUNCTION.INVALID_PAYLOAD, _FUNCTION.ERROR)
    if expects == Expects.UNAUTHORIZED and (run.is_success or refuses):
        verdict, meaning = _REFUSED if refuses else _TAKEN
    else:
        verdict = _verdict(run.is_success, run.outcome is _FUNCTION.NOT_SUPPORTED)
    code = "" if run.is_success else meaning_of_status(run.status).code
    return _outcome(verdict, run.status, meaning, code, is_retryable=run.is_retryable, message=own)


def answer_of_plugin(result: plugins.EventResult, expects: str = Expects.ACCEPTED) -> Outcome:
    """Judge one event through a web plugin. It has no status: nothing was sent to an endpoint.

    A key that is wrong for one event alone is nothing that a plugin could notice.
    """
    if expects == Expects.UNAUTHORIZED:
        return _outcome(OutcomeVerdict.YELLOW, None, _NO_KEY, "", is_retryable=False, message="")
    verdict = _verdict(result.outcome is _PLUGIN.SUCCESS, result.outcome is _PLUGIN.NOT_SUPPORTED)
    return _outcome(verdict, None, PLUGIN_MEANINGS[result.outcome], "", is_retryable=False, message=result.error)


_REFUSED = (
    OutcomeVerdict.GREEN,
    Meaning("The wrong API key was refused, as it should be.", "", ""),
)
_TAKEN = (
    OutcomeVerdict.RED,
    Meaning(
        "The wrong API key went unnoticed.",
        "The function returned although the API key was wrong.",
        "Look at the answer of your API, and throw ValidationError when it refuses the key.",
    ),
)


_NO_KEY = Meaning(
    "Not tried: a web plugin gets its settings once, as it loads.",
    "Settings of a plugin are public: whoever visits the site can read them.",
    "There is nothing to do here. Let your API refuse what comes with a key it does not know.",
)


def _verdict(is_success: bool, is_unsupported: bool) -> OutcomeVerdict:
    if is_success:
        return OutcomeVerdict.GREEN
    return OutcomeVerdict.YELLOW if is_unsupported else OutcomeVerdict.RED


def _outcome(
    verdict: OutcomeVerdict, status: int | None, meaning: Meaning, code: str, *, is_retryable: bool, message: str
) -> Outcome:
    return Outcome(
        verdict=verdict,
        status=status,
        code=code,
        is_retryable=is_retryable,
        meaning=meaning.text,
        cause=meaning.cause,
        fix=meaning.fix,
        message=one_line(message),
    )
