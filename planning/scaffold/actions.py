"""One action of the plan, for either mode: its definition, its types, and a test with an event that meets it."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from planning.scaffold.fields import Entry, field_definition, payload_types, setting_sample, wanted
from planning.scaffold.reading import ActionFile, Destination
from planning.scaffold.subscriptions import subscription
from planning.scaffold.typescript import Code, comment, text, value
from runtime.spec.examples import example
from runtime.spec.mappings import Wanted, path_of, payload, resolve
from runtime.spec.paths import BadPath
from runtime.spec.triggers import BadTrigger, comparisons, parse

# What a test shows of an event in any case; of the rest only what trigger or mapping ask for.
_SHOWN = frozenset({
    "type", "event", "name", "userId", "anonymousId", "groupId", "previousId", "properties", "traits",
})  # fmt: skip


def settings_sample(settings: Sequence[Entry]) -> dict[str, Any]:
    return {setting["key"]: setting_sample(setting) for setting in settings}


def subscribed(action: ActionFile) -> str:
    return subscription(action.trigger)[0]


def preset(action: ActionFile) -> dict[str, Any]:
    """Customers get the action switched on, with its defaults."""
    return {
        "name": action.name,
        "subscribe": subscribed(action),
        "partnerAction": action.key,
        "mapping": Code(f"defaultValues({action.variable}.fields)"),
        "type": "automatic",
    }


# --- Cloud mode --------------------------------------------------------------------------------------


def cloud_files(plan: Destination, action: ActionFile, settings: Sequence[Entry]) -> Iterator[tuple[str, str]]:
    """(path below the action's folder, content)."""
    yield "index.ts", _cloud_index(action)
    yield "generated-types.ts", payload_types(action.fields)
    yield "__tests__/index.test.ts", _cloud_test(plan, action, settings)


def _cloud_index(action: ActionFile) -> str:
    definition = {**_definition(action), "perform": Code(_PERFORM.format(path=text_in_template(action.key)))}
    return "\n".join(
        [
            "import type { ActionDefinition } from '@segment/actions-core'",
            "import { API_URL } from '../api'",
            "import type { Settings } from '../generated-types'",
            "import type { Payload } from './generated-types'",
            "",
            f"{_about(action)}const action: ActionDefinition<Settings, Payload> = {value(definition)}",
            "",
            "export default action",
            "",
        ]
    )


_PERFORM = """(request, {{ payload }}) => {{
    // One request for one event. What it throws decides whether Segment tries again.
    return request(`${{API_URL}}/{path}`, {{ method: 'POST', json: payload }})
  }}"""


def text_in_template(key: str) -> str:
    """A key as a part of an address: letters, digits, hyphens and underscores."""
    return "".join(char if char.isascii() and (char.isalnum() or char in "-_") else "-" for char in key)


def _cloud_test(plan: Destination, action: ActionFile, settings: Sequence[Entry]) -> str:
    event, mapped = _example(action)
    key = text(action.key)
    sends = "" if mapped is None else _SENDS.format(
        path=text_in_template(action.key), event=value(event, 2), key=key, mapped=value(mapped, 2)
    )  # fmt: skip
    refuses = _REFUSES.format(key=key) if any(field["required"] for field in action.fields) else ""
    title = text(f"{plan.name}: {action.key}")
    if not sends and not refuses:
        return _TO_DO.format(title=title)
    return _CLOUD_TEST.format(
        api="import { API_URL } from '../../api'\n" if sends else "", settings=value(settings_sample(settings)),
        title=title, tests="".join(filter(None, [sends or _LATER, refuses])),
    )  # fmt: skip


_SENDS = """
  it('sends what the event maps to', async () => {{
    nock(API_URL).post('/{path}').reply(200, {{}})
    const event = createTestEvent({event})
    const responses = await testDestination.testAction({key}, {{ event, settings, useDefaultMappings: true }})
    expect(responses.length).toBe(1)
    expect(responses[0].status).toBe(200)
    expect(responses[0].options.json).toEqual({mapped})
  }})
"""
_REFUSES = """
  it('says what is missing', async () => {{
    const event = createTestEvent({{ type: 'track', event: 'Sample' }})
    await expect(testDestination.testAction({key}, {{ event, settings }})).rejects.toThrow()
  }})
"""
_LATER = "\n  it.todo('sends what an event maps to')\n"
_TO_DO = """describe({title}, () => {{
  it.todo('sends what an event maps to')
}})
"""
_CLOUD_TEST = """import nock from 'nock'
import {{ createTestEvent, createTestIntegration }} from '@segment/actions-core'
{api}import Destination from '../../index'

const testDestination = createTestIntegration(Destination)
const settings = {settings}

describe({title}, () => {{
  afterEach(() => nock.cleanAll())
{tests}}})
"""


# --- Device mode -------------------------------------------------------------------------------------


def device_files(plan: Destination, action: ActionFile, settings: Sequence[Entry]) -> Iterator[tuple[str, str]]:
    """(path below the action's folder, content)."""
    yield "index.ts", _device_index(action)
    yield "generated-types.ts", payload_types(action.fields)
    yield "__tests__/index.test.ts", _device_test(plan, action, settings)


def _device_index(action: ActionFile) -> str:
    definition = {**_definition(action), "platform": "web", "perform": Code(_DEVICE_PERFORM % text(action.key))}
    return "\n".join(
        [
            "import type { BrowserActionDefinition } from '@segment/browser-destination-runtime/types'",
            "import type { Client } from '../client'",
            "import type { Settings } from '../generated-types'",
            "import type { Payload } from './generated-types'",
            "",
            f"{_about(action)}const action: BrowserActionDefinition<Settings, Client, Payload> = {value(definition)}",
            "",
            "export default action",
            "",
        ]
    )


_DEVICE_PERFORM = """(client, { payload }) => {
    // Hand the event to your library.
    client.send(%s, payload)
  }"""


def _device_test(plan: Destination, action: ActionFile, settings: Sequence[Entry]) -> str:
    event, mapped = _example(action)
    key = text(action.key)
    title = text(f"{plan.name}: {action.key}")
    if mapped is None or event["type"] == "delete":  # browsers do not get to know about deletions
        return _TO_DO.format(title=title)
    return _DEVICE_TEST.format(
        title=title, key=key, name=text(action.name), kind=event["type"], event=value(event, 2),
        mapped=value(mapped, 2), settings=value(settings_sample(settings)), subscribe=text(subscribed(action)),
        mapping=value({field["key"]: field_definition(field)["default"] for field in action.fields}, 1),
    )  # fmt: skip


_DEVICE_TEST = """import {{ Analytics, Context }} from '@segment/analytics-next'
import type {{ Subscription }} from '@segment/browser-destination-runtime/types'
import browserPlugin, {{ destination }} from '../../index'

const settings = {settings}
const subscription: Subscription = {{
  partnerAction: {key},
  name: {name},
  enabled: true,
  subscribe: {subscribe},
  mapping: {mapping}
}}

describe({title}, () => {{
  afterEach(() => jest.restoreAllMocks())

  it('hands the event to the library', async () => {{
    const client = {{ send: jest.fn() }}
    jest.spyOn(destination, 'initialize').mockImplementation(() => Promise.resolve(client))
    const [plugin] = await browserPlugin({{ ...settings, subscriptions: [subscription] }})
    await plugin.load(Context.system(), {{}} as Analytics)
    await plugin.{kind}?.(new Context({event}))
    expect(client.send).toHaveBeenCalledWith({key}, {mapped})
  }})
}})
"""


# --- Both --------------------------------------------------------------------------------------------


def _definition(action: ActionFile) -> dict[str, Any]:
    return {
        "title": action.name,
        "description": action.description or action.name,
        "defaultSubscription": subscribed(action),
        "fields": {field["key"]: field_definition(field) for field in action.fields},
    }


def _about(action: ActionFile) -> str:
    """A note where the framework's language cannot say what the trigger says."""
    if subscription(action.trigger)[1]:
        return ""
    words = f"The plan’s trigger is: {action.trigger}" if action.trigger.strip() else "The plan has no trigger yet."
    return comment(f"{words}\ndefaultSubscription cannot say that: look at the event in perform() too.") + "\n"


def _example(action: ActionFile) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """An event that starts the action, and what its fields get from it; None when there is no such event."""
    fields = [wanted(field) for field in action.fields]
    try:
        event = example(action.name, parse(action.trigger), fields) if action.trigger.strip() else None
        got = resolve(fields, event) if event is not None else None
    except (BadTrigger, BadPath):
        return {}, None
    if event is None or got is None or any(each.field.required and (each.problem or not each.is_there) for each in got):
        return {}, None
    used = _SHOWN | {each.path.root for each in comparisons(parse(action.trigger))} | _roots(fields)
    return {name: each for name, each in event.items() if name in used and each is not None}, payload(got)


def _roots(fields: Iterable[Wanted]) -> set[str]:
    """The parts of the event that the fields are mapped from."""
    return {path.root for path in (path_of(field.default) for field in fields) if path}
