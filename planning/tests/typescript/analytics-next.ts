// The part of analytics.js that a scaffold's tests use, as types.

export class Analytics {}
export class Context {
  constructor(readonly event: Record<string, unknown>) {}
  static system(): Context {
    return new Context({})
  }
}
type Call = (context: Context) => Promise<Context>
export interface Plugin {
  load: (context: Context, analytics: Analytics) => Promise<unknown>
  track?: Call
  identify?: Call
  page?: Call
  screen?: Call
  group?: Call
  alias?: Call
}
