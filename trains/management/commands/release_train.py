"""`release_train`: lets the train of the day leave from a terminal, as the desk's page does, and handles one App."""

import json as json_lib
from argparse import ArgumentParser
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from apps_catalog.models import App
from audit.recording import SYSTEM
from leases.transitions import StaleState
from trains import departing
from trains.models import Departure, Passenger
from trains.obstacles import stays
from trains.refusals import Refused
from trains.states import PassengerState
from trains.timetable import in_time, outlook
from trains.words import day_in_words

USAGE = 2
# Option → its verb. All but `unhold` want a reason.
VERBS: dict[str, Callable[..., object]] = {
    "emergency": departing.emergency, "roll_back": departing.roll_back, "hold": departing.hold,
    "unhold": lambda passenger, actor, _reason: departing.unhold(passenger, actor),
}  # fmt: skip


class Command(BaseCommand):
    help = "Lets the release train leave. Exit 0: done, 1: refused, or an App was left behind, 2: usage."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--day", metavar="YYYY-MM-DD", help="the release day; without it, the train that waits")
        one = parser.add_mutually_exclusive_group()
        one.add_argument("--emergency", metavar="SLUG", help="release one App at once")
        one.add_argument("--roll-back", metavar="SLUG", help="put the version before live again")
        one.add_argument("--hold", metavar="SLUG", help="hold one App back")
        one.add_argument("--unhold", metavar="SLUG", help="lift the hold")
        parser.add_argument("--reason", default="", metavar="TEXT", help="kept, and read by the makers of the App")
        parser.add_argument("--dry-run", action="store_true", help="do everything, say what happens, and take it back")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        verb = next((name for name in VERBS if options[name]), "")
        try:
            result = (self._dryly if options["dry_run"] else self._really)(verb, options)
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        except StaleState as error:
            raise CommandError(f"It is already {error.row.get_state_display()}.") from None  # type: ignore[attr-defined]
        self._tell(result | {"dry_run": options["dry_run"]}, as_json=options["json"])
        if result.get("left_behind"):
            raise SystemExit(1)

    def _dryly(self, verb: str, options: dict[str, Any]) -> dict[str, Any]:
        """The same, and taken back, so that what it says is what would happen."""
        with transaction.atomic():
            _lock_all()
            result = self._really(verb, options)
            transaction.set_rollback(True)
        return result

    def _really(self, verb: str, options: dict[str, Any]) -> dict[str, Any]:
        if verb:
            return self._one(verb, options[verb], options["reason"], options["day"])
        if options["reason"]:
            raise CommandError("--reason belongs to --emergency, --roll-back or --hold.", returncode=USAGE)
        return self._train(self._day(options["day"]))

    def _train(self, day: date) -> dict[str, Any]:
        departure = departing.depart(day, SYSTEM)
        behind = in_time(outlook().table.train(day)).select_related("app__company", "version", "pull__repository")
        return {
            "day": str(day),
            "released": [_shown(one) for one in _of(departure)],
            "left_behind": [_shown(one) | {"reason": stays(one) or "It failed: see the log."} for one in behind],
        }

    def _day(self, text: str | None) -> date:
        if text is None:
            waiting = outlook().current()
            if waiting is None:
                following = next(outlook(timezone.now()).upcoming(), None)
                words = f" The next one leaves on {day_in_words(following.day)}." if following else ""
                raise Refused(f"No train waits to leave.{words}")
            return waiting.day
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise CommandError(f"{text!r} is no day. Write it as 2026-11-25.", returncode=USAGE) from None

    def _one(self, verb: str, slug: str, reason: str, day: str | None) -> dict[str, Any]:
        if day:
            raise CommandError("--day goes with no single App.", returncode=USAGE)
        if verb != "unhold" and not reason.strip():
            raise CommandError("Give the --reason: it is kept, and the makers of the App read it.", returncode=USAGE)
        passenger = self._passenger(verb, slug)
        VERBS[verb](passenger, SYSTEM, reason)
        passenger.refresh_from_db()
        return {"verb": verb, **_shown(passenger)}

    def _passenger(self, verb: str, slug: str) -> Passenger:
        app = App.objects.filter(slug=slug, deleted_at__isnull=True).first()
        if app is None:
            raise CommandError(f"There is no App “{slug}”.", returncode=USAGE)
        rows = Passenger.objects.select_related("app__company", "version").filter(app=app)
        out = rows.filter(state=PassengerState.DEPARTED).order_by("-departed_at", "-pk")
        found = (out if verb == "roll_back" else rows.travelling()).first()
        if found is None:
            raise Refused(f"Nothing of {app} {'was released' if verb == 'roll_back' else 'is on its way'}.")
        return found

    def _tell(self, result: dict[str, Any], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json_lib.dumps(result, ensure_ascii=False))
            return
        before = "Dry run, nothing was changed. " if result["dry_run"] else ""
        if "verb" in result:
            self.stdout.write(f"{before}{result['app']} version {result['version']}: {result['state']}")
            return
        self.stdout.write(f"{before}The train of {result['day']} left with {len(result['released'])} on board.")
        for one in result["released"]:
            self.stdout.write(f"  {one['app']} version {one['version']}: {one['stage']}")
        for one in result["left_behind"]:
            self.stderr.write(f"  {one['app']} version {one['version']} was left behind. {one['reason']}")


def _lock_all() -> None:
    """Lock every App that travels, by id and before anything else.

    A dry run is one transaction, so it keeps what it locks: taken one by one, as trains do, the locks of a later App
    and of its company's record would be waited for crosswise with the desk.
    """
    travelling = Passenger.objects.travelling().values("app")
    list(App.objects.select_for_update().filter(pk__in=travelling).order_by("pk").values_list("pk"))


def _of(departure: Departure) -> Iterable[Passenger]:
    return departure.passengers.select_related("app", "version").order_by("app__slug")


def _shown(passenger: Passenger) -> dict[str, Any]:
    return {
        "app": passenger.app.slug,
        "version": passenger.version.number,
        "stage": str(passenger.app.stage),
        "state": str(passenger.state),
    }
