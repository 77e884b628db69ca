// nock, as types.

interface Asked {
  reply: (status: number, body?: unknown) => void
}
function nock(_base: string): { get: (path: string) => Asked; post: (path: string) => Asked } {
  const asked = () => ({ reply: () => {} })
  return { get: asked, post: asked }
}
nock.cleanAll = (): void => {}
export default nock
