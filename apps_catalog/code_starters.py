"""What a new function and a new web plugin begin with: code that works, with its contract in the comments."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from apps_catalog.addresses import echo_url
from apps_catalog.models import App
from apps_catalog.states import ComponentKind, PluginShape

STARTERS = Path(__file__).resolve().parent / "data" / "starters"


def first_values(app: App, kind: str) -> dict[str, Any]:
    """The columns of a new component of this kind.

    A webhook and a function begin with the App's echo endpoint, so that the first green test needs no server.
    """
    if kind == ComponentKind.SUBSCRIPTION_WEBHOOK:
        return {"endpoint": echo_url(app.echo.token)}
    if kind == ComponentKind.SUBSCRIPTION_FUNCTION:
        return {"code": _starter("function").replace("__ENDPOINT__", echo_url(app.echo.token))}
    if kind == ComponentKind.WEB_PLUGIN:
        return {"code": _plugin(app), "shape": PluginShape.OBJECT}
    return {}


def _plugin(app: App) -> str:
    """Names are written as JavaScript reads them, whatever is in the App's name."""
    queue = re.sub(r"\W", "_", app.slug, flags=re.ASCII)
    return _starter("plugin").replace('"__NAME__"', json.dumps(app.name)).replace("__QUEUE__", f"_{queue}_queue")


@cache
def _starter(name: str) -> str:
    return (STARTERS / f"{name}.js").read_text(encoding="utf-8")
