// <form data-autosave-url="…">: posts itself 800 ms after the last key and says "Saved 12:04".
// Put {% include "partials/autosave_status.html" %} inside the form.
//
// The server answers 200 with JSON {"revision": 4} (or {}, or 204), 409 with {"revision": 5, "current_url": "…"}, or 422
// with {"message": "…"} when the draft cannot be kept as it is; a redirect, 401 or 403 means the log-in ran out. `revision`
// is written into the form's field of that name. Nothing typed is ever lost: a copy stays here until it was saved.
import * as drafts from "./drafts.js";

const WAIT_MS = 800;
const RETRY_MS = [5000, 10000, 30000];

const clock = (at) => new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" }).format(at);

class Autosave {
  constructor(form) {
    this.form = form;
    this.failures = 0;
    this.part = (name) => form.querySelector(`[data-autosave-${name}]`);
    form.addEventListener("input", () => this.typed());
    form.addEventListener("change", () => this.typed());
    form.addEventListener("submit", () => this.sent());
    addEventListener("online", () => this.pending && this.save());
    this.part("restore")?.addEventListener("click", () => this.restore());
    this.part("discard")?.addEventListener("click", () => this.discard());
    this.part("mine")?.addEventListener("click", () => this.copyMine());
    this.offer();
  }

  say(text) {
    const line = this.part("status");
    if (line && line.textContent !== text) line.textContent = text;
  }

  typed() {
    this.pending = true;
    drafts.keep(this.form);
    if (this.stopped) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), WAIT_MS);
  }

  sent() {
    clearTimeout(this.timer);
    this.stopped = true;
    drafts.keep(this.form);
    drafts.markSent(this.form);
    // Sending may be called off (a second click, the back button): then saving goes on.
    addEventListener("pageshow", () => (this.stopped = false), { once: true });
  }

  async save() {
    if (this.saving || this.stopped) return;
    clearTimeout(this.timer);
    this.saving = true;
    this.pending = false;
    this.say("Saving…");
    try {
      await this.read(await this.post());
    } catch {
      this.later();
    } finally {
      this.saving = false;
    }
    if (this.pending && !this.failures) this.typed();
  }

  post() {
    return fetch(this.form.dataset.autosaveUrl, {
      method: "POST",
      body: new FormData(this.form),
      headers: { Accept: "application/json", "X-Autosave": "1" },
      credentials: "same-origin",
    });
  }

  async read(response) {
    const isJson = response.headers.get("Content-Type")?.includes("json");
    const answer = isJson ? await response.json() : {};
    if (response.status === 409) return this.conflict(answer);
    if (response.status === 422) return this.say(answer.message ?? "Not saved yet: something in it cannot be kept. Your text is still here.");
    if (response.redirected || [401, 403].includes(response.status)) return this.loggedOut();
    // A page instead of an answer is not a proof that anything was saved.
    if (!response.ok || !(isJson || response.status === 204)) throw new Error(String(response.status));
    this.saved(answer);
  }

  saved({ revision }) {
    this.failures = 0;
    this.setRevision(revision);
    if (!this.pending) drafts.drop(drafts.keyOf(this.form));
    this.say(`Saved ${clock(Date.now())}`);
  }

  setRevision(revision) {
    const field = this.form.elements.namedItem("revision");
    if (field && revision !== undefined) field.value = revision;
  }

  conflict({ revision, current_url: url }) {
    this.stopped = true;
    const box = this.part("conflict");
    this.say("Not saved: there is a newer version.");
    if (!box) return;
    box.hidden = false;
    const link = this.part("theirs");
    link.href = url ?? location.href;
    // Having looked at the other version, the writer decides by typing on or sending.
    link.addEventListener("click", () => { this.setRevision(revision); this.stopped = false; }, { once: true });
  }

  loggedOut() {
    this.pending = true;
    this.say("You are logged out. Your text is kept on this device: log in in another tab, then go on typing.");
  }

  later() {
    this.pending = true;
    const wait = RETRY_MS[Math.min(this.failures++, RETRY_MS.length - 1)];
    this.say("No connection. Your text is kept on this device and will be saved as soon as possible.");
    this.timer = setTimeout(() => this.save(), wait);
  }

  offer() {
    const entry = drafts.kept(this.form);
    const box = this.part("offer");
    if (!entry) return;
    if (drafts.same(this.form, entry.values)) return drafts.drop(drafts.keyOf(this.form));
    if (!box) return;
    this.part("when").textContent = new Date(entry.at).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
    box.hidden = false;
  }

  restore() {
    const entry = drafts.kept(this.form);
    if (entry) drafts.putBack(this.form, entry.values);
    this.part("offer").hidden = true;
    this.form.dispatchEvent(new Event("input", { bubbles: true }));
  }

  discard() {
    drafts.drop(drafts.keyOf(this.form));
    this.part("offer").hidden = true;
    this.say("Discarded.");
  }

  async copyMine() {
    const text = Object.entries(drafts.valuesOf(this.form)).map(([name, values]) => `${name}: ${values.join(", ")}`).join("\n\n");
    await navigator.clipboard?.writeText(text);
    this.say("Your version is copied.");
  }
}

export function start() {
  const forms = document.querySelectorAll("form[data-autosave-url]");
  drafts.dropOld();
  drafts.settleSent(forms);
  forms.forEach((form) => new Autosave(form));
  document.querySelectorAll("form[data-clear-drafts]").forEach((form) => form.addEventListener("submit", drafts.dropMine));
}
