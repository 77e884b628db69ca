// Jest's globals, as types.

declare function describe(name: string, body: () => void): void
declare function afterEach(body: () => void): void
declare const it: { (name: string, body: () => void | Promise<void>): void; todo: (name: string) => void }
interface Matchers {
  toBe(value: unknown): void
  toEqual(value: unknown): void
  toHaveBeenCalledWith(...values: unknown[]): void
  toThrow(): Promise<void>
  not: Matchers
  resolves: Matchers
  rejects: Matchers
}
declare function expect(value: unknown): Matchers
declare const jest: {
  // deno-lint-ignore no-explicit-any
  fn: () => (...values: any[]) => void
  // deno-lint-ignore no-explicit-any
  spyOn: <T, K extends keyof T>(owner: T, name: K) => { mockImplementation: (made: any) => void }
  restoreAllMocks: () => void
}
