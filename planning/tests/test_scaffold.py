"""The scaffold: files that TypeScript takes, whatever a person typed into the plan; and the zip around them."""

import io
import json
import os
import re
import subprocess
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning.scaffold import archive, files
from planning.scaffold.subscriptions import subscription
from planning.scaffold.typescript import comment, doc, identifier, name, text
from runtime.functions.confinement import detect

TYPES = Path(__file__).parent / "typescript"
# What ends a string, a comment, a template or a line somewhere.
HOSTILE = "'; throw 1 // */ ${process.exit()} ` \\' \" \u2028 \n\r\t\x00 </script> {{x}} {0} %s \u202e"
API_KEY = {"key": "apiKey", "label": "API Key", "hint": "", "type": "string", "required": True, "sensitive": True,
           "default": None, "choices": [], "visible_if": None}  # fmt: skip


def setting(key, kind="string", **fields):
    return API_KEY | {"key": key, "label": key, "type": kind, "required": False, "sensitive": False, **fields}


def field(key, kind="string", default="$.userId", required=False, label="Field"):
    return {"key": key, "label": label, "type": kind, "required": required, "default": default}


def action(key, trigger='type = "track"', fields=(), **more):
    return {"key": key, "name": key, "description": "", "trigger": trigger, "fields": list(fields), **more}


def plan(**fields):
    given = {"name": "Acme", "slug": "acme", "mode": "cloud", "auth": {"method": "custom", "notes": ""}}
    return given | {"settings": [API_KEY], "actions": [action("sendOrder")], **fields}


FIELDS = [
    field(kind, kind, default, required=kind in ("string", "number"))
    for kind, default in {
        "string": "$.userId", "text": "a fixed text", "number": "$.properties.total", "integer": "7",
        "boolean": "true", "datetime": "$.timestamp", "object": "$.traits['total billed']", "password": "",
    }.items()
]  # fmt: skip
SETTINGS = [
    API_KEY, setting("flag", "boolean", default=True), setting("many", "array", default=["a"]),
    setting("some", "map"), setting("number", "number", default=0), setting("any", "mixed"),
    setting("colour", "color", default="#fff"), setting("words", "text-map"),
    setting("pick", "select", choices=[1, True, {"value": "eu", "label": "EU"}], default=1),
    setting("secret-word", "password", required=True), setting("hidden", required=True, visible_if={"key": "flag"}),
]  # fmt: skip
ODD_ACTIONS = [
    action("class"), action("Class"), action("a b/../c"), action("42"), action("__tests__"), action("index"),
    action("con"), action("destination"), action("Default Values"), action("defaultValues"),
    action("Browser Destination"), action("browserDestination"), action("API_URL"), action("Settings"),
    action("Client"), action("URLSearchParams"), action("window"),
    action("über"), action("$"), action("constructor"), action("sample", ""),
    action("odd", "type ="), action("quoted", 'event = "say \\"hi\\""'),
    action("deep", 'type = "track" and (event = "A" or (event = "B" and ($.properties.x = 1 or not $.groupId = "g")))'),
    action("indexed", '$.properties.products[0].sku = "a"'), action("erase", 'type = "delete"'),
    action("both", 'type = "page" or type = "screen"', [field("title", default="$.properties.title", required=True)]),
]  # fmt: skip
PLANS = {
    "small": plan(),
    "empty": plan(actions=[], settings=[], auth={}),
    "everything": plan(settings=SETTINGS, actions=[action("all", fields=FIELDS)]),
    "basic": plan(auth={"method": "basic", "notes": "two\nlines"}),
    "oauth2": plan(auth={"method": "oauth2", "notes": ""}),
    "minimal": plan(auth={"method": "minimal", "notes": ""}, settings=[]),
    "minimal-with-settings": plan(auth={"method": "minimal", "notes": ""}),
    "browser-in-the-cloud": plan(auth={"method": "browser", "notes": ""}),
    "odd": plan(actions=ODD_ACTIONS),
    "hostile": plan(
        name=HOSTILE, auth={"method": "custom", "notes": HOSTILE},
        settings=[API_KEY | {"label": HOSTILE, "hint": HOSTILE}, setting(HOSTILE, default=HOSTILE),
                  setting("pick", "select", choices=[HOSTILE, {"value": HOSTILE, "label": HOSTILE}])],
        actions=[action(HOSTILE, f"event = '{HOSTILE[2:]}'", [field(HOSTILE, label=HOSTILE),
                        field("fixed", default=HOSTILE)], name=HOSTILE, description=HOSTILE)],
    ),
}  # fmt: skip
DEVICE = {
    f"device-{title}": made | {"mode": "device"}
    for title, made in PLANS.items()
    if title in ("small", "empty", "everything", "odd", "hostile")
}


@pytest.fixture(scope="module")
def checked(tmp_path_factory):
    """Every plan's scaffold in one folder, and what the TypeScript compiler says about all of them."""
    deno = detect().deno
    if not deno:
        pytest.skip("Deno is missing: pip install deno.")
    home = tmp_path_factory.mktemp("scaffolds")
    for title, made in (PLANS | DEVICE).items():
        for path, content in files(made).items():
            target = home / title / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content.encode())
    core, runtime = str(TYPES / "actions-core.ts"), str(TYPES / "browser-runtime.ts")
    imports = {
        "@segment/actions-core": core, "@segment/analytics-next": str(TYPES / "analytics-next.ts"),
        "@segment/browser-destination-runtime/types": runtime, "@segment/browser-destination-runtime/shim": runtime,
        "nock": str(TYPES / "nock.ts"),
    }  # fmt: skip
    options = {"strict": True, "noUnusedLocals": True, "types": [str(TYPES / "globals.d.ts")],
               "lib": ["deno.ns", "dom", "esnext"]}  # fmt: skip
    (home / "deno.json").write_text(
        json.dumps({"imports": imports, "compilerOptions": options, "unstable": ["sloppy-imports"]})
    )
    found = sorted(str(path) for path in home.rglob("*.ts"))
    return subprocess.run(
        [deno, "check", "--no-remote", "--no-lock", *found], cwd=home, capture_output=True, text=True, timeout=170,
        env={**os.environ, "DENO_DIR": str(home / "deno"), "NO_COLOR": "1", "DENO_NO_UPDATE_CHECK": "1"}, check=False,
    )  # fmt: skip


@pytest.mark.slow
def test_the_compiler_takes_every_scaffold(checked):
    assert checked.returncode == 0, checked.stderr[-6000:]


@pytest.mark.parametrize("title", [*PLANS, *DEVICE])
def test_paths_stay_inside_and_differ_whatever_the_case(title):
    made = files((PLANS | DEVICE)[title])
    assert len({path.lower() for path in made}) == len(made)
    for path in made:
        assert path.isascii()
        assert not {"", ".", ".."} & set(path.split("/"))


@pytest.mark.parametrize("mode", ["cloud", "device"])
def test_no_import_takes_the_name_of_another(mode):
    keys = ["defaultValues", "browserDestination", "API_URL", "Settings", "Client", "URLSearchParams", "window"]
    made = files(plan(mode=mode, auth={"method": "oauth2"}, actions=[action(key) for key in keys]))
    index = next(source for path, source in made.items() if path.endswith(("acme/index.ts", "acme/src/index.ts")))
    names = re.findall(r"^import (?:type )?(?:\{ (\w+) \}|(\w+)) from", index, re.MULTILINE)
    imported = [braced or bare for braced, bare in names]
    assert len(imported) == len(set(imported)) > len(keys)
    assert not {"URLSearchParams", "window"} & set(imported)
    assert "defaultValues(defaultValues2.fields)" in index


def test_the_zip_holds_the_files_and_is_the_same_each_time():
    made = archive(PLANS["everything"])
    assert made == archive(PLANS["everything"])
    with zipfile.ZipFile(io.BytesIO(made)) as packed:
        found = {name: packed.read(name).decode() for name in packed.namelist()}
    assert found == files(PLANS["everything"])
    assert json.loads(found["acme-plan.json"]) == PLANS["everything"]


def test_an_action_is_written_as_the_plan_says():
    folder = "packages/destination-actions/src/destinations/acme"
    order = action(
        "sendOrder", 'type = "track" and event = "Order Completed"',
        [field("id", required=True), field("total", "number", "$.properties.total")],
    )  # fmt: skip
    made = files(plan(actions=[order]))
    source = made[f"{folder}/sendOrder/index.ts"]
    assert 'defaultSubscription: \'type = "track" and event = "Order Completed"\'' in source
    assert "'@path': '$.properties.total'" in source
    assert "total?: number" in made[f"{folder}/sendOrder/generated-types.ts"]
    assert "total: 36.4" in made[f"{folder}/sendOrder/__tests__/index.test.ts"]
    assert "import sendOrder from './sendOrder'" in made[f"{folder}/index.ts"]


@pytest.mark.parametrize(
    "trigger, written",
    [
        ('type = "track"', 'type = "track"'),
        ('type = "track" and event != "A"', 'type = "track" and event != "A"'),
        ('not (event = "A" or event contains "B")', 'event != "A" and !contains(event, "B")'),
        ("not $.properties.x exists", "properties.x = null"),
        ("$.traits.vip = true and $.properties.n = 1.5", "traits.vip = true and properties.n = 1.5"),
        (
            'type = "track" and (event = "A" or event = "B")',
            'type = "track" and (event = "A" or event = "B")',
        ),
        (
            'type = "track" and (event = "A" or (event = "B" and $.userId exists))',
            '(type = "track" and event = "A") or (type = "track" and event = "B" and userId != null)',
        ),
    ],
)
def test_a_trigger_becomes_a_subscription(trigger, written):
    assert subscription(trigger) == (written, True)


@pytest.mark.parametrize(
    "trigger, written",
    [
        ("", 'type = "track"'),
        ("no trigger", 'type = "track"'),
        ('type = "group" and $.groupId = "g"', 'type = "group"'),
        ("event = 'say \"hi\"'", 'type = "track"'),
        ('$.properties.list[0] = "a" and type != "page"', 'type = "screen" or type = "track"'),
        ("event = null", None),
        (" and ".join(f"($.properties.a{n} = 1 or $.properties.b{n} exists and type exists)" for n in range(9)), None),
    ],
)
def test_what_the_framework_cannot_say_is_said_to_be_wider(trigger, written):
    found, is_whole = subscription(trigger)
    assert not is_whole
    assert written in (None, found) or set(found.split(" or ")) == set(written.split(" or "))


@given(st.text())
def test_no_text_gets_out_of_its_place(content):
    written = text(content)
    assert len(written.splitlines()) == 1
    body = written[1:-1].replace("\\\\", "").replace("\\'", "")
    assert "'" not in body
    assert all(line.startswith("//") for line in comment(content).splitlines())
    assert doc(content).count("*/") == 1
    made = identifier(content)
    assert made.replace("$", "a").isidentifier()
    assert made.isascii()
    assert name(content)[0] in "'$_" or name(content).isidentifier()
