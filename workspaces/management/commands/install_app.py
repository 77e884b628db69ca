"""`install_app APP --workspace W --source S`: configures an App as a destination, as the install page would."""

import json as json_lib
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.http import QueryDict

from apps_catalog.models import App
from apps_catalog.setting_values import as_text
from apps_catalog.states import SettingType
from audit.recording import SYSTEM
from workspaces import lifecycle
from workspaces.installing import Installable, can_install, what_is_installed
from workspaces.models import Destination, Source
from workspaces.settings_form import PREFIX, REVISION, SettingsForm

USAGE = 2
_NO = frozenset({"", "false", "no", "0", "off"})


class Command(BaseCommand):
    help = "Configures an App as a destination of a source. Once more, it saves the settings that are given."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("app", help="the App's slug")
        parser.add_argument("--workspace", required=True, metavar="SLUG")
        parser.add_argument("--source", required=True, metavar="SLUG")
        parser.add_argument("--setting", action="extend", nargs="+", default=[], metavar="key=value")
        parser.add_argument("--enable", action="store_true", help="send events to it from now on")
        parser.add_argument("--dry-run", action="store_true", help="check everything and change nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        source = self._source(options["workspace"], options["source"])
        app = self._app(options["app"], source)
        there = source.destinations.filter(app=app).first()
        installed = what_is_installed(app, source.workspace)
        given = self._given(installed, options["setting"])
        values = self._values(installed, there, given)
        try:
            with transaction.atomic():
                made = lifecycle.install(SYSTEM, source, app, values, enable=options["enable"])
                transaction.set_rollback(options["dry_run"])
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        self._tell(made, is_new=there is None, dry_run=options["dry_run"], as_json=options["json"])

    def _source(self, workspace: str, slug: str) -> Source:
        source = Source.objects.select_related("workspace").filter(workspace__slug=workspace, slug=slug).first()
        if source is None:
            raise CommandError(f"There is no source {slug!r} in a workspace {workspace!r}.", returncode=USAGE)
        return source

    def _app(self, slug: str, source: Source) -> App:
        app = App.objects.select_related("company", "live_version").filter(slug=slug).first()
        if app is None or not can_install(SYSTEM, source.workspace, app):
            raise CommandError(f"There is no App {slug!r} that {source.workspace} could install.", returncode=USAGE)
        return app

    def _given(self, installed: Installable, pairs: list[str]) -> dict[str, str]:
        keys = [setting.key for setting in installed.settings]
        given = {}
        for pair in pairs:
            key, equals, text = pair.partition("=")
            if not equals or key not in keys:
                known = ", ".join(keys) or "none"
                raise CommandError(f"{key!r} is no setting of this App. Its settings: {known}.", returncode=USAGE)
            given[key] = text
        return given

    def _values(self, installed: Installable, there: Destination | None, given: dict[str, str]) -> dict[str, Any]:
        """What the install page would make of the texts; what is not given stays as it is."""
        saved = there.open_values() if there else None
        form = SettingsForm(_filled(installed, saved, given), installed=installed, saved=saved)
        if not form.is_valid():
            problems = [f"{name}: {' '.join(map(str, texts))}" for name, texts in form.errors.items()]
            raise CommandError("\n".join(problems))
        return form.values()

    def _tell(self, made: Destination, *, is_new: bool, dry_run: bool, as_json: bool) -> None:
        result = {
            "app": made.app.slug,
            "workspace": made.source.workspace.slug,
            "source": made.source.slug,
            "created": is_new,
            "enabled": made.is_enabled,
            "dry_run": dry_run,
        }
        if as_json:
            self.stdout.write(json_lib.dumps(result))
            return
        verb = ("would be " if dry_run else "") + ("installed" if is_new else "updated")
        self.stdout.write(f"{made}: {verb}, {'on' if made.is_enabled else 'off'}")


def _filled(installed: Installable, saved: dict[str, Any] | None, given: dict[str, str]) -> QueryDict:
    """The form as a browser would send it, with `given` typed into it."""
    untouched = {one.key: saved.get(one.key) if saved is not None else one.default for one in installed.settings}
    data = QueryDict(mutable=True)
    data[f"{PREFIX}-{REVISION}"] = "0"
    for setting in installed.settings:
        text = given.get(setting.key)
        if text is None:
            text = "" if setting.key in installed.secret_keys else as_text(setting.type, untouched[setting.key])
        if setting.type != SettingType.BOOLEAN or text.strip().lower() not in _NO:
            data[f"{PREFIX}-{setting.key}"] = text
    return data
