// Trying the code beside its editor. [data-code-try] holds the event and the settings; its [data-code-try-run] sends the
// whole form to be saved and run (hx-post), and the run goes into [data-code-try-output]. Without htmx the button sends
// the form as any other.
//
// What is typed in [data-code-try] is kept on this device, apart from the form around it (drafts.js): the server does not
// keep it with the code.
import * as drafts from "./drafts.js";

const RUN = "[data-code-try-run]";
const OUT = "You are logged out. Log in in another tab and come back: everything that you typed is still here.";
const NEWER = "Nothing ran: a newer version of the code was saved in the meantime. Compare both above, then run again.";
const LOST = "Nothing ran: no connection, or the server did not answer. Everything that you typed is still here.";

const box = () => document.querySelector("[data-code-try]");

function say(text) {
  const line = document.querySelector("[data-code-try-status]");
  if (line) line.textContent = text;
}

function keepTyping() {
  const shown = drafts.valuesOf(box());
  const entry = drafts.isRefused() ? null : drafts.kept(box());
  if (entry) drafts.putBack(box(), entry.values);
  document.addEventListener("input", (event) => {
    if (event.target.closest("[data-code-try]")) drafts.keep(box(), shown);
  });
}

// Ctrl+Enter, before the editor makes an empty line of it.
function onKey(event) {
  const isRun = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key === "Enter";
  const button = isRun && document.querySelector(RUN);
  if (!button) return;
  event.preventDefault();
  event.stopPropagation();
  if (!event.repeat) button.click();
}

/** One press at a time, and none while the draft is being saved: two at once would be a conflict with oneself. */
class Press {
  async begin(event) {
    event.preventDefault();
    if (this.form) return;
    const button = event.detail.elt;
    this.form = button.form;
    button.dataset.busy = "";
    say("");
    const hold = new CustomEvent("draft:hold", { detail: {} });
    this.form.dispatchEvent(hold);
    await hold.detail.ready;
    event.detail.issueRequest(true);
  }

  end({ elt, xhr }) {
    const { form } = this;
    this.form = null;
    delete elt.dataset.busy;
    const revision = xhr.getResponseHeader("Draft-Revision");
    form?.dispatchEvent(new CustomEvent("draft:release", { detail: { revision: revision ?? undefined, conflict: xhr.status === 409 } }));
    if (xhr.status === 409) say(NEWER);
    else if (xhr.status === 403) say(OUT);
    else if (!xhr.status || xhr.status >= 500) say(LOST);
  }
}

/** The log-in instead of an answer is not shown as one; rows of the run before are not kept in place of new ones. */
function beforeSwap(event) {
  const { xhr, target, requestConfig } = event.detail;
  if (xhr.responseURL && new URL(xhr.responseURL).pathname !== requestConfig.path.split("?")[0]) {
    event.detail.shouldSwap = false;
    say(OUT);
  } else if (event.detail.shouldSwap && target.matches("[data-code-try-output]")) {
    target.replaceChildren();
  }
}

function afterSwap(event) {
  const { target } = event.detail;
  if (!target.matches("[data-code-try-output]")) return document.querySelector("[data-code-try] [data-error-summary]")?.focus();
  rightAgain();
  target.scrollIntoView({ block: "nearest" });
}

/** What was wrong before is put right: it ran. */
function rightAgain() {
  box().querySelectorAll("[data-error-summary], .error, .excerpt").forEach((each) => each.remove());
  box().querySelectorAll(".field--invalid").forEach((field) => field.classList.remove("field--invalid"));
  box().querySelectorAll("[aria-invalid]").forEach((control) => control.removeAttribute("aria-invalid"));
}

export function once() {
  if (!box()) return;
  keepTyping();
  const press = new Press();
  const ours = (act) => (event) => event.detail.requestConfig?.elt.matches(RUN) && act(event);
  document.addEventListener("keydown", onKey, true);
  document.addEventListener("htmx:confirm", (event) => event.detail.elt.matches(RUN) && press.begin(event));
  document.addEventListener("htmx:afterRequest", ours((event) => press.end({ ...event.detail, elt: event.detail.requestConfig.elt })));
  document.addEventListener("htmx:beforeSwap", ours(beforeSwap));
  document.addEventListener("htmx:afterSwap", ours(afterSwap));
}
