// The part of the browser runtime that a scaffold uses, as types.

import type { BaseActionDefinition, ExecuteInput, GlobalSetting, Preset } from '@segment/actions-core'
import type { Analytics, Plugin } from '@segment/analytics-next'

// deno-lint-ignore no-explicit-any
export interface BrowserActionDefinition<Settings, Client, Payload = any> extends BaseActionDefinition {
  perform: (client: Client, data: ExecuteInput<Settings, Payload> & { analytics: Analytics }) => unknown
  platform: 'web'
}
interface Dependencies {
  loadScript: (src: string) => Promise<unknown>
  resolveWhen: (condition: () => boolean, timeout?: number) => Promise<void>
}
export interface BrowserDestinationDefinition<Settings, Client> {
  name: string
  slug?: string
  mode: 'device'
  settings?: Record<string, GlobalSetting>
  initialize: (options: { settings: Settings; analytics: Analytics }, dependencies: Dependencies) => Promise<Client>
  presets?: Preset[]
  actions: Record<string, BrowserActionDefinition<Settings, Client>>
}
export interface Subscription {
  partnerAction: string
  name: string
  enabled: boolean
  subscribe: string
  mapping: Record<string, unknown>
}
export function browserDestination<Settings, Client>(_definition: BrowserDestinationDefinition<Settings, Client>) {
  return (_settings: Settings & { subscriptions: Subscription[] }): Promise<Plugin[]> => Promise.resolve([])
}
