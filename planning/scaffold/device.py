"""A destination in device mode: the partner's library runs in the visitor's browser."""

import json
from collections.abc import Iterator
from typing import Any

from planning.scaffold import actions
from planning.scaffold.fields import setting_definition, setting_types
from planning.scaffold.reading import Destination
from planning.scaffold.typescript import Code, comment, value

FOLDER = "packages/browser-destinations/destinations"


def files(plan: Destination) -> Iterator[tuple[str, str]]:
    """(path below the repository, content) of every file."""
    folder = f"{FOLDER}/{plan.slug}"
    yield f"{folder}/package.json", _package(plan)
    yield f"{folder}/tsconfig.json", _TSCONFIG
    yield f"{folder}/src/index.ts", _index(plan)
    yield f"{folder}/src/client.ts", _CLIENT
    yield f"{folder}/src/generated-types.ts", setting_types(plan.settings)
    for action in plan.actions:
        for path, content in actions.device_files(plan, action, plan.settings):
            yield f"{folder}/src/{action.folder}/{path}", content


def _package(plan: Destination) -> str:
    package: dict[str, Any] = {
        "name": f"@segment/analytics-browser-actions-{plan.slug}",
        "version": "1.0.0",
        "license": "MIT",
        "main": "./dist/cjs",
        "module": "./dist/esm",
        "typings": "./dist/esm",
        "scripts": {
            "build": "yarn build:esm && yarn build:cjs",
            "build:cjs": "tsc --module commonjs --outDir ./dist/cjs",
            "build:esm": "tsc --outDir ./dist/esm",
        },
        "dependencies": {"@segment/browser-destination-runtime": "^1.4.0"},
        "peerDependencies": {"@segment/analytics-next": ">=1.55.0"},
    }
    return json.dumps(package, indent=2) + "\n"


_TSCONFIG = """{
  "extends": "../../tsconfig.build.json",
  "compilerOptions": { "rootDir": "./src", "baseUrl": "." },
  "include": ["src"],
  "exclude": ["dist", "**/__tests__"]
}
"""
_CLIENT = """// What your library offers. Put its real types here.
export interface Client {
  send: (action: string, payload: unknown) => void
}
"""


def _index(plan: Destination) -> str:
    definition = {
        "name": plan.name,
        "slug": plan.slug,
        "mode": "device",
        "settings": {setting["key"]: setting_definition(setting) for setting in plan.settings},
        "initialize": Code(_INITIALIZE),
        "presets": [actions.preset(action) for action in plan.actions] or None,
        "actions": {action.key: Code(action.variable) for action in plan.actions},
    }
    notes = f"{comment(plan.notes)}\n" if plan.notes else ""
    return "\n".join(
        [
            "import type { BrowserDestinationDefinition } from '@segment/browser-destination-runtime/types'",
            "import { browserDestination } from '@segment/browser-destination-runtime/shim'",
            *(["import { defaultValues } from '@segment/actions-core'"] if plan.actions else []),
            "import type { Client } from './client'",
            "import type { Settings } from './generated-types'",
            *(f"import {action.variable} from './{action.folder}'" for action in plan.actions),
            "",
            f"{notes}export const destination: BrowserDestinationDefinition<Settings, Client> = {value(definition)}",
            "",
            "export default browserDestination(destination)",
            "",
        ]
    )


# Whatever the library puts into the page is what the actions get as `client`.
_INITIALIZE = """async (_options, dependencies) => {
    await dependencies.loadScript('https://cdn.example.com/library.js')
    await dependencies.resolveWhen(() => 'partnerLibrary' in window, 100)
    return (window as unknown as { partnerLibrary: Client }).partnerLibrary
  }"""
