// The part of Segment's framework that a scaffold uses, as types: enough to check one without the repository.

export interface AuthTokens {
  accessToken: string
  refreshToken: string
}
interface ClientTokens extends AuthTokens {
  clientId: string
  clientSecret: string
}
type Options = {
  method?: string
  json?: unknown
  body?: unknown
  headers?: Record<string, string>
  username?: string
  password?: string
}
type Answer<T> = { status: number; data: T; options: Options }
export type RequestClient = <T = unknown>(url: string, options?: Options) => Promise<Answer<T>>
interface Choice {
  value: string | number
  label: string
}
export interface GlobalSetting {
  label: string
  description: string
  type: 'boolean' | 'string' | 'password' | 'number'
  multiple?: boolean
  choices?: Choice[]
  required?: boolean
  default?: string | number | boolean
}
export interface InputField {
  label: string
  description: string
  type: 'string' | 'text' | 'number' | 'integer' | 'datetime' | 'boolean' | 'password' | 'object'
  required?: boolean
  default?: string | number | boolean | { '@path': string }
}
export interface ExecuteInput<Settings, Payload> {
  readonly settings: Settings
  payload: Payload
  readonly auth?: AuthTokens
}
export interface BaseActionDefinition {
  title: string
  description: string
  defaultSubscription?: string
  fields: Record<string, InputField>
}
// deno-lint-ignore no-explicit-any
export interface ActionDefinition<Settings, Payload = any> extends BaseActionDefinition {
  perform: (request: RequestClient, data: ExecuteInput<Settings, Payload>) => unknown
}
export interface Preset {
  name: string
  subscribe: string
  partnerAction: string
  mapping: Record<string, unknown>
  type: 'automatic'
}
interface Scheme<Settings> {
  fields: Record<string, GlobalSetting>
  testAuthentication?: (request: RequestClient, input: { settings: Settings; auth: AuthTokens }) => unknown
}
interface Simple<Settings> extends Scheme<Settings> {
  scheme: 'custom' | 'basic'
}
interface OAuth<Settings> extends Scheme<Settings> {
  scheme: 'oauth2'
  refreshAccessToken?: (
    request: RequestClient,
    input: { settings: Settings; auth: ClientTokens }
  ) => Promise<{ accessToken: string }>
}
export interface DestinationDefinition<Settings> {
  name: string
  slug?: string
  mode: 'cloud'
  authentication?: Simple<Settings> | OAuth<Settings>
  // deno-lint-ignore no-explicit-any
  extendRequest?: (data: ExecuteInput<Settings, any>) => Options
  onDelete?: (request: RequestClient, data: ExecuteInput<Settings, { userId: string; anonymousId: string }>) => unknown
  presets?: Preset[]
  actions: Record<string, ActionDefinition<Settings>>
}
export function defaultValues(_fields: Record<string, InputField>): Record<string, unknown> {
  return {}
}
export interface SegmentEvent {
  type: 'track' | 'identify' | 'page' | 'screen' | 'group' | 'alias' | 'delete'
  event?: string
  [key: string]: unknown
}
export function createTestEvent(event: Partial<SegmentEvent>): SegmentEvent {
  return { type: 'track', ...event }
}
interface Input<Settings> {
  event?: Partial<SegmentEvent>
  settings?: Settings
  useDefaultMappings?: boolean
}
export function createTestIntegration<Settings>(_destination: DestinationDefinition<Settings>) {
  return {
    testAction: (_action: string, _input: Input<Settings>): Promise<Answer<unknown>[]> => Promise.resolve([]),
    testAuthentication: (_settings: Settings): Promise<void> => Promise.resolve()
  }
}
