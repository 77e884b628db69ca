// D18's cache: what one version of a function keeps between two events, in this process only, as JSON.
const MAX_ENTRIES = 200;
const MAX_TEXT = 64 * 1024;
const MAX_TTL = 60 * 60 * 1000;
const now = Date.now;

export function makeCache() {
  const entries = new Map();

  function keep(key, ttl, value) {
    const text = JSON.stringify(value);
    if (text === undefined || text.length > MAX_TEXT) return;
    if (entries.size >= MAX_ENTRIES) entries.delete(entries.keys().next().value);
    entries.set(key, { text, until: now() + Math.min(ttl, MAX_TTL) });
  }

  return {
    /** The value kept under `key`, or what `make` gives, kept for `ttl` milliseconds. */
    async load(key, ttl, make) {
      const name = String(key);
      const kept = entries.get(name);
      if (kept && kept.until > now()) return JSON.parse(kept.text);
      entries.delete(name);
      const value = await make();
      keep(name, Number(ttl) || 0, value);
      return value;
    },
    async delete(key) {
      return entries.delete(String(key));
    },
  };
}
