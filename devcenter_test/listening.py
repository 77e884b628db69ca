"""A server on this machine that was not started: said once, instead of once for every event."""

from dataclasses import replace
from ipaddress import ip_address
from urllib.parse import urlsplit

from runtime.egress import ErrorKind
from runtime.suite.running import Result
from runtime.suite.verdicts import COLOURING, Verdict
from runtime.webhooks import Outcome

NOT_STARTED = "Not run: nothing listens there."
_START_IT = "Start your server, then run this again."


class Listening:
    """Whether something listens at `url`, as far as the results so far tell."""

    def __init__(self, url: str) -> None:
        self._url, self._results = urlsplit(url), 0
        self.is_over = False

    def read(self, result: Result) -> Result:
        """The result, in words for a server of one's own where that refuses the connection: then the run `is_over`."""
        self._results += 1
        outcome = result.outcome
        if outcome is None or not self._is_refused(result) or not _is_here(self._url.hostname or ""):
            return result
        self.is_over = True
        # Advice colours no run; this has to.
        verdict = Verdict.RED if result.case.group in COLOURING else Verdict.NOT_RUN
        return replace(result, verdict=verdict, outcome=self._nobody(outcome))

    def _is_refused(self, result: Result) -> bool:
        """Of a burst a server that runs may refuse some."""
        error = result.exchange.error if result.exchange else None
        is_alone = result.case.group != "burst" or self._results == 1
        return error is not None and error.kind is ErrorKind.CONNECT_REFUSED and is_alone

    def _nobody(self, outcome: Outcome) -> Outcome:
        meaning = f"Nothing listens at {self._url.scheme}://{self._url.netloc}."
        return replace(outcome, meaning=meaning, cause="", fix=_START_IT)


def _is_here(host: str) -> bool:
    """Whether the host is this machine alone, by its name or its address: nobody is asked for another one."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
