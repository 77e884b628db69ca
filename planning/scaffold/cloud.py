"""A destination in cloud mode: Segment's servers call the partner's API."""

from collections.abc import Iterator
from typing import Any

from planning.scaffold import actions
from planning.scaffold.fields import setting_definition, setting_types
from planning.scaffold.reading import Destination
from planning.scaffold.typescript import Code, comment, member, text, value

FOLDER = "packages/destination-actions/src/destinations"
API_URL = "https://api.example.com"
_LOG_IN = {"key": "username", "label": "User name", "type": "string", "required": True}
_PASSWORD = {"key": "password", "label": "Password", "type": "password", "required": True}


def files(plan: Destination) -> Iterator[tuple[str, str]]:
    """(path below the repository, content) of every file."""
    folder = f"{FOLDER}/{plan.slug}"
    settings = settings_of(plan)
    yield f"{folder}/index.ts", _index(plan, settings)
    yield f"{folder}/api.ts", _api()
    yield f"{folder}/generated-types.ts", setting_types(settings)
    yield f"{folder}/__tests__/index.test.ts", _test(plan, settings)
    for action in plan.actions:
        for path, content in actions.cloud_files(plan, action, settings):
            yield f"{folder}/{action.folder}/{path}", content


def settings_of(plan: Destination) -> list[dict[str, Any]]:
    """The App's settings, and what basic log-in cannot do without."""
    keys = {setting["key"] for setting in plan.settings}
    extra = [each for each in (_LOG_IN, _PASSWORD) if plan.method == "basic" and each["key"] not in keys]
    return [*plan.settings, *extra]


def _api() -> str:
    words = comment("Where your API is. Change it here, and in every test with it.")
    return f"{words}\nexport const API_URL = {text(API_URL)}\n"


def _index(plan: Destination, settings: list[dict[str, Any]]) -> str:
    definition = {
        "name": plan.name,
        "slug": plan.slug,
        "mode": "cloud",
        "authentication": _authentication(plan, settings),
        "extendRequest": _extend_request(plan, settings),
        "onDelete": Code(_ON_DELETE),
        "presets": [actions.preset(action) for action in plan.actions] or None,
        "actions": {action.key: Code(action.variable) for action in plan.actions},
    }
    imports = [f"import {action.variable} from './{action.folder}'" for action in plan.actions]
    notes = f"{comment(plan.notes)}\n" if plan.notes else ""
    return "\n".join(
        [
            "import type { DestinationDefinition } from '@segment/actions-core'",
            *(["import { defaultValues } from '@segment/actions-core'"] if plan.actions else []),
            "import { API_URL } from './api'",
            "import type { Settings } from './generated-types'",
            *imports,
            "",
            f"{notes}const destination: DestinationDefinition<Settings> = {value(definition)}",
            "",
            "export default destination",
            "",
        ]
    )


def _authentication(plan: Destination, settings: list[dict[str, Any]]) -> dict[str, Any] | None:
    if plan.method == "minimal" and not settings:
        return None
    schemes = {"basic": "basic", "oauth2": "oauth2"}
    return {
        "scheme": schemes.get(plan.method, "custom"),
        "fields": {setting["key"]: setting_definition(setting) for setting in settings},
        "testAuthentication": None if plan.method == "minimal" else Code(_TEST_AUTHENTICATION),
        "refreshAccessToken": Code(_REFRESH) if plan.method == "oauth2" else None,
    }


def _extend_request(plan: Destination, settings: list[dict[str, Any]]) -> Code | None:
    """How every request shows who is calling."""
    if plan.method == "oauth2":
        return Code(_header("auth", "`Bearer ${auth?.accessToken}`"))
    if plan.method == "basic":
        return Code(_BASIC)
    keys = {setting["key"] for setting in settings}
    if plan.method == "minimal" or "apiKey" not in keys:
        return None
    return Code(_header("settings", f"`Bearer ${{{member('settings', 'apiKey')}}}`"))


def _header(given: str, content: str) -> str:
    return f"""({{ {given} }}) => {{
    return {{ headers: {{ authorization: {content} }} }}
  }}"""


_TEST_AUTHENTICATION = """(request) => {
      // Ask your API something that only right settings can get, and that changes nothing.
      return request(`${API_URL}/me`)
    }"""
_REFRESH = """async (request, { auth }) => {
      const response = await request<{ access_token: string }>(`${API_URL}/oauth/token`, {
        method: 'POST',
        body: new URLSearchParams({
          refresh_token: auth.refreshToken,
          client_id: auth.clientId,
          client_secret: auth.clientSecret,
          grant_type: 'refresh_token'
        })
      })
      return { accessToken: response.data.access_token }
    }"""
_BASIC = """({ settings }) => {
    return { username: settings.username, password: settings.password }
  }"""
_ON_DELETE = """(request, { payload }) => {
    // Erase what you hold about this person. Take this out only if you store nothing about people.
    return request(`${API_URL}/people/delete`, {
      method: 'POST',
      json: { userId: payload.userId, anonymousId: payload.anonymousId }
    })
  }"""


def _test(plan: Destination, settings: list[dict[str, Any]]) -> str:
    """What is true of every destination; those of the actions stand beside them."""
    body = "  it('has the actions of the plan', () => {\n    expect(Object.keys(Destination.actions)).toEqual(" + (
        f"{value([action.key for action in plan.actions], 2)})\n  }})\n"
    )
    if plan.method == "minimal":
        return f"import Destination from '../index'\n\ndescribe({text(plan.name)}, () => {{\n{body}}})\n"
    sample = value(actions.settings_sample(settings), 2)
    return f"""import nock from 'nock'
import {{ createTestIntegration }} from '@segment/actions-core'
import {{ API_URL }} from '../api'
import Destination from '../index'

const testDestination = createTestIntegration(Destination)

describe({text(plan.name)}, () => {{
  afterEach(() => nock.cleanAll())

{body}
  it('takes right settings', async () => {{
    nock(API_URL).get('/me').reply(200, {{}})
    const settings = {sample}
    await expect(testDestination.testAuthentication(settings)).resolves.not.toThrow()
  }})

  it('refuses wrong settings', async () => {{
    nock(API_URL).get('/me').reply(401, {{}})
    const settings = {sample}
    await expect(testDestination.testAuthentication(settings)).rejects.toThrow()
  }})
}})
"""
