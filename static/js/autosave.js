// <form data-autosave-url="…">: posts itself 800 ms after the last key and says "Saved 12:04".
// <form data-draft>: keeps what is typed on this device until it is sent (draft-form.js); the same holds for the former.
//
// An autosave is answered 200 with JSON {"revision": 4} (or {}, or 204), 409 with {"revision": 5, "current_url": "…"}, or
// 422 with {"message": "…"} when the draft cannot be kept as it is; a redirect, 401 or 403 means that the log-in ran out,
// or that the person logged in again and the page's token is old. `revision` is written into the form's field of that name.
import { DraftForm, clock } from "./draft-form.js";
import { Files } from "./autosave-files.js";
import * as drafts from "./drafts.js";
import { onReturn, renew } from "./session.js";

const WAIT_MS = 800;
const RETRY_MS = [5000, 10000, 30000];

class Autosave extends DraftForm {
  constructor(form) {
    super(form);
    this.failures = 0;
    this.files = new Files(form);
    this.part = (name) => form.querySelector(`[data-autosave-${name}]`);
    addEventListener("online", () => this.pending && this.save());
    this.part("mine")?.addEventListener("click", () => this.copyMine());
    form.addEventListener("draft:hold", (event) => (event.detail.ready = this.hold()));
    form.addEventListener("draft:release", (event) => this.release(event.detail));
  }

  say(text) {
    const line = this.part("status");
    if (line && line.textContent !== text) line.textContent = text;
  }

  typed() {
    super.typed();
    if (this.restoring) return;
    this.changed();
  }

  changed() {
    this.pending = true;
    if (this.stopped || this.held) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), WAIT_MS);
  }

  sent() {
    clearTimeout(this.timer);
    this.stopped = true;
    super.sent();
    // Sending may be called off (a second click, the back button): then saving goes on.
    addEventListener("pageshow", () => (this.stopped = false), { once: true });
  }

  async save() {
    if (this.saving || this.stopped || this.held) return;
    clearTimeout(this.timer);
    this.saving = this.attempt();
    await this.saving;
    this.saving = null;
    if (this.pending && !this.failures) this.changed();
  }

  async attempt() {
    this.pending = false;
    this.say("Saving…");
    try {
      await this.read(await this.post());
    } catch {
      this.later();
    }
  }

  /** Another request is to take the draft along (code-try.js): none of ours is under way then, or begins before `release`. */
  async hold() {
    this.held = true;
    clearTimeout(this.timer);
    await this.saving;
    this.pending = false;
    this.posted = drafts.valuesOf(this.form);
  }

  /** What became of the draft there: it was saved as `revision`, met a `conflict`, or neither. */
  release({ revision, conflict }) {
    this.held = false;
    if (conflict) return this.conflict();
    if (revision !== undefined) this.wasSaved({ revision });
    else this.pending ||= this.dirty;
    if (this.pending) this.changed();
  }

  post() {
    this.posted = drafts.valuesOf(this.form);
    return fetch(this.form.dataset.autosaveUrl, {
      method: "POST",
      body: this.files.body(),
      headers: { Accept: "application/json", "X-Autosave": "1" },
      credentials: "same-origin",
    });
  }

  async read(response) {
    const isJson = response.headers.get("Content-Type")?.includes("json");
    const answer = isJson ? await response.json() : {};
    if (response.status === 409) return this.conflict();
    this.files.settle(response.status, answer);
    if (response.status === 422) return this.say(answer.message ?? "Not saved yet: something in it cannot be kept. Your text is still here.");
    if (response.redirected || [401, 403].includes(response.status)) return this.loggedOut();
    // A page instead of an answer is not a proof that anything was saved.
    if (!response.ok || !(isJson || response.status === 204)) throw new Error(String(response.status));
    this.wasSaved(answer);
  }

  wasSaved({ revision }) {
    this.failures = this.refusals = 0;
    this.setRevision(revision);
    if (!this.pending) this.saved(this.posted);
    this.base = this.posted;
    this.say(`Saved ${clock(Date.now())}`);
  }

  setRevision(revision) {
    const field = this.form.elements.namedItem("revision");
    if (field && revision !== undefined) field.value = revision;
  }

  /** Sending the form as it is leads to the page that shows both versions: its revision is the old one. */
  conflict() {
    this.stopped = true;
    const box = this.part("conflict");
    this.say("Not saved: there is a newer version.");
    if (box) box.hidden = false;
  }

  async loggedOut() {
    this.pending = false;
    const now = await renew();
    // Once: a page that is refused for another reason must not ask for ever.
    if (now === "same" && !this.refusals) {
      this.refusals = 1;
      return this.changed();
    }
    this.waits(now);
  }

  waits(now) {
    if (now === "same") this.refusals = 0;
    if (now === "same" && this.dirty) return this.changed();
    if (now === "out" || now === "other") this.say("You are logged out. Your text is kept on this device: log in in another tab and come back.");
  }

  later() {
    this.pending = true;
    const wait = RETRY_MS[Math.min(this.failures++, RETRY_MS.length - 1)];
    this.say("No connection. Your text is kept on this device and will be saved as soon as possible.");
    this.timer = setTimeout(() => this.save(), wait);
  }

  async copyMine() {
    const text = Object.entries(drafts.valuesOf(this.form)).map(([name, values]) => `${name}: ${values.join(", ")}`).join("\n\n");
    await navigator.clipboard?.writeText(text);
    this.say("Your version is copied.");
  }
}

export function start() {
  document.querySelectorAll("form[data-clear-drafts]").forEach((form) => form.addEventListener("submit", drafts.dropMine));
  if (!drafts.pieces()) return;
  drafts.dropOld();
  drafts.settleSent();
  const forms = [...document.querySelectorAll('form[data-autosave-url], form[data-draft]:not([data-draft="never"])')];
  const live = forms.map((form) => ("autosaveUrl" in form.dataset ? new Autosave(form) : new DraftForm(form)));
  for (const form of live) form.open();
  if (live.length) onReturn((now) => live.forEach((form) => tellOf(now, form)));
}

function tellOf(now, form) {
  if (form.waits) form.waits(now);
  else if (now === "out" || now === "other") form.tell(now);
}
