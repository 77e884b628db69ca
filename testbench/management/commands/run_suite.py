"""`run_suite APP --component KIND --api-key KEY`: the Test Suite from a terminal, as a worker runs it."""

import json
import time
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from apps_catalog.models import App, Component
from audit.recording import SYSTEM
from runtime.suite.plan import UnknownGroup, suite_plan
from runtime.webhooks import API_KEY
from testbench import fingerprint
from testbench.claims import claim
from testbench.execution import work_on
from testbench.lifecycle import active_run, start_suite
from testbench.models import SuiteRun
from testbench.report import as_json
from testbench.states import RunKind, Verdict
from testbench.values import installed_with, read_value

USAGE = 2


class Command(BaseCommand):
    help = "Runs the Test Suite against a component of an App's draft. Exit 0: green or yellow, 1: red, 2: usage."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("app", help="the App's slug")
        parser.add_argument("--component", required=True, metavar="KIND", help="such as subscription_webhook")
        parser.add_argument("--api-key", required=True, metavar="KEY")
        parser.add_argument("--setting", action="extend", nargs="+", default=[], metavar="key=value")
        parser.add_argument("--group", action="extend", nargs="+", default=[], metavar="NAME")
        parser.add_argument("--dry-run", action="store_true", help="say what would be sent, and send nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        component = self._component(options["app"], options["component"])
        try:
            values = read_settings(component, options["api_key"], options["setting"])
            if options["dry_run"]:
                self._show_plan(options["group"], as_object=options["json"])
                return
            run = self._run(component, values, options["group"])
        except (UnknownGroup, ValidationError) as error:
            text = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
            raise CommandError(text, returncode=USAGE) from None
        self._show(run, as_object=options["json"])
        if not run.has_passed:
            raise SystemExit(1)

    def _component(self, slug: str, kind: str) -> Component:
        app = App.objects.filter(slug=slug, deleted_at__isnull=True).first()
        if app is None:
            raise CommandError(f"There is no App “{slug}”.", returncode=USAGE)
        component = app.components.filter(kind=kind).select_related("app").first()
        if component is None:
            kinds = ", ".join(app.components.values_list("kind", flat=True)) or "none yet"
            raise CommandError(f"{app} has no component “{kind}”; it has: {kinds}.", returncode=USAGE)
        return component

    def _run(self, component: Component, values: dict[str, Any], groups: list[str]) -> SuiteRun:
        if active_run(component, RunKind.SUITE):
            raise CommandError("A run of this component is under way. Try again when it is over.")
        # Claimed in the transaction that makes it, so that no worker is faster.
        with transaction.atomic():
            run = start_suite(SYSTEM, component, values, groups)
            claimed = claim(run.pk)
        while not run.is_over:
            if claimed:
                self.stderr.write(f"{run.results.count()} of {run.planned} sent")
                work_on(claimed)
            else:  # the company has its fill of runs, or a worker took this one over
                time.sleep(0.5)
            run.refresh_from_db()
            claimed = claim(run.pk)
        return run

    def _show_plan(self, groups: list[str], *, as_object: bool) -> None:
        plan = suite_plan(groups)
        cases = [{"id": case.id, "group": case.group, "type": case.type, "name": case.name} for case in plan]
        lines = [f"{case.id:28} {case.name}" for case in plan]
        self.stdout.write(json.dumps({"dry_run": True, "cases": cases}) if as_object else "\n".join(lines))

    def _show(self, run: SuiteRun, *, as_object: bool) -> None:
        report = as_json(run)
        if run.message:  # why it ended early, as on a machine that lacks the sandbox or a browser
            self.stderr.write(run.message)
        if as_object:
            self.stdout.write(json.dumps(report, ensure_ascii=False))
            return
        for case in report["cases"]:
            word = Verdict(case["verdict"]).label
            self.stdout.write(f"{word:14} {case['status'] or '':>3} {case['type']:9} {case['name']}")
            if case["verdict"] != Verdict.GREEN:
                self.stdout.write(f"{'':14} {case['message']}")
        self.stdout.write(f"Verdict: {report['verdict']}")


def read_settings(component: Component, api_key: str, pairs: list[str]) -> dict[str, Any]:
    """`key=value` texts as values, each by its setting's type. Raises ValidationError."""
    settings = {setting.key: setting for setting in fingerprint.used_settings(component)}
    values: dict[str, Any] = {API_KEY: api_key}
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if not equals or key not in settings or key == API_KEY:
            known = ", ".join(sorted(settings.keys() - {API_KEY})) or "none"
            raise ValidationError(f"“{key}” is no setting of this component. Its settings: {known}.")
        values[key] = read_value(settings[key], text)
    return installed_with(list(settings.values()), values) | {API_KEY: api_key}
