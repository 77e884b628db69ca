"""The scaffold as files, and as one zip to be unpacked into a clone of the actions repository."""

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

from planning.scaffold import cloud, device
from planning.scaffold.reading import Destination, read

# Zip keeps times; the same plan gives the same bytes.
_ONE_TIME = (2026, 1, 1, 0, 0, 0)


def files(document: Mapping[str, Any]) -> dict[str, str]:
    """Path below the repository → content, from the plan's document (planning.export)."""
    plan = read(document)
    made = device.files(plan) if plan.is_device else cloud.files(plan)
    folder = device.FOLDER if plan.is_device else cloud.FOLDER
    plan_text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    return {
        **dict(made),
        f"{folder}/{plan.slug}/PLAN.md": _read_me(plan, folder),
        f"{plan.slug}-plan.json": plan_text,
    }


def archive(document: Mapping[str, Any]) -> bytes:
    """A zip of `files`."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for path, content in files(document).items():
            entry = zipfile.ZipInfo(path, _ONE_TIME)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            packed.writestr(entry, content.encode())
    return buffer.getvalue()


def _read_me(plan: Destination, folder: str) -> str:
    title = " ".join(plan.name.split())
    return _DEVICE.format(title=title, slug=plan.slug) if plan.is_device else _CLOUD.format(
        title=title, slug=plan.slug, folder=folder
    )  # fmt: skip


_CLOUD = """# {title}

Made from the plan in the Developer Center: a start that compiles and has tests. Take this file out before you open the
pull request.

1. Unpack the zip in the top folder of your clone: the files land in `{folder}/{slug}`.
2. `./bin/run generate:types` writes the types anew whenever a setting or a field changed.
3. Put your API’s address into `api.ts`, and send the right requests in each action’s `perform()`.
4. `yarn cloud test --testPathPattern={slug}` runs the tests.
5. `./bin/run serve`, choose {slug}, and in another terminal:
   `devcenter-test actions http://localhost:3000 --plan {slug}-plan.json --setting apiKey=…`
"""
_DEVICE = """# {title}

Made from the plan in the Developer Center: a start that compiles and has tests. Take this file out before you open the
pull request.

1. Unpack the zip in the top folder of your clone.
2. `yarn install` makes the new package known; `./bin/run generate:types` writes the types anew.
3. Load your library in `src/index.ts`, and give `src/client.ts` its real types.
4. `yarn browser test --testPathPattern={slug}` runs the tests.
5. `./bin/run serve --directory ./packages/browser-destinations/destinations -n {slug}` serves it for a test page.
"""
