"""`nightly_check`: looks at listed Apps now, as every night, whether or not that was done already (S37)."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from apps_catalog.models import App
from devcenter.operations import OpsCommand
from upkeep.models import Risk
from upkeep.nights import Looked, checked_apps, run
from upkeep.states import Found, RiskState


class Command(OpsCommand):
    help = (
        "Look at every App in the catalog, or at one, and act on what is found: at risk, mended, delisted. "
        "Exit 1 when an App failed or could not be looked at."
    )
    writes = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--app", metavar="SLUG", help="only this App")

    def handle(self, *args: Any, json: bool, dry_run: bool, app: str | None = None, **options: Any) -> None:
        now = timezone.now()
        looked = run(self._choose(app), now, dry_run=dry_run)
        rows = [_row(one) for one in looked]
        failed = [row for row in rows if row["found"] in (Found.FAILED, "error")]
        risks = Risk.objects.filter(state=RiskState.OPEN).order_by("app__slug")
        at_risk = list(risks.values_list("app__slug", flat=True))
        word = "Looked only" if dry_run else "Looked"
        lines = [f"{word}: {len(rows)} Apps, {len(failed)} failed."]
        lines += [f"  {row['app']}: {row['found']}{_more(row['problems'])}" for row in rows]
        data = {"at": now.isoformat(), "dry_run": dry_run, "apps": rows, "at_risk": at_risk}
        self.finish(data, lines, as_json=json, failed=bool(failed))

    def _choose(self, slug: str | None) -> list[App]:
        apps = list(checked_apps().filter(slug=slug) if slug else checked_apps())
        if slug and not apps:
            raise CommandError(f"No App in the catalog has the slug “{slug}”.", returncode=2)
        return apps


def _row(one: Looked) -> dict[str, Any]:
    if one.seen is None:
        return {"app": one.app.slug, "found": "error", "problems": [one.error]}
    return {"app": one.app.slug, "found": str(one.seen.found), "problems": one.seen.problems}


def _more(problems: list[str]) -> str:
    return f" ({' '.join(problems)})" if problems else ""
