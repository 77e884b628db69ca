// <form data-draft> and <form data-autosave-url>: what is typed is kept, comes back with a notice, and never silently
// overwrites what was saved or typed elsewhere. The notices are those of partials/draft_pieces.html.
import * as drafts from "./drafts.js";

const clock = (at) => {
  const then = new Date(at);
  const day = then.toDateString() === new Date().toDateString() ? {} : { day: "numeric", month: "short" };
  return then.toLocaleString("en-GB", { ...day, hour: "2-digit", minute: "2-digit" });
};

const labelOf = (form, name) => {
  const element = drafts.controls(form).find((control) => control.name === name);
  const group = element?.closest("fieldset")?.querySelector("legend");
  const label = (["radio", "checkbox"].includes(element?.type) && group) || element?.labels?.[0] || group;
  return label?.firstChild?.textContent.trim() || label?.textContent.trim() || name;
};

const textOf = (form, name, values) => {
  const choices = drafts.controls(form).filter((control) => control.name === name);
  const named = (value) => {
    const option = choices.flatMap((control) => [...(control.options ?? [])]).find((each) => each.value === value);
    return option?.textContent.trim() ?? value;
  };
  return values.map(named).join(", ") || "–";
};

export class DraftForm {
  constructor(form) {
    this.form = form;
    this.shown = drafts.servedBy(form);
    this.base = this.shown;
    const typed = ({ target }) => target.closest?.("fieldset[data-draft]") || this.typed();
    form.addEventListener("input", typed);
    form.addEventListener("change", typed);
    form.addEventListener("submit", (event) => event.defaultPrevented || this.sent());
    drafts.listen(form, (entry) => this.heard(entry));
    this.nameThePage();
  }

  // A refused form stands at an address that takes forms only: a reload or the log-in could not come back to it.
  nameThePage() {
    const page = this.form.dataset.page;
    if (page && drafts.isRefused() && location.pathname !== page) history.replaceState(null, "", page);
  }

  typed() {
    if (this.restoring) return;
    this.dirty = true;
    this.kept = drafts.keep(this.form, this.base);
  }

  sent() {
    if (this.dirty) this.typed();
    if (!drafts.kept(this.form)) return;
    drafts.markSent(this.form);
    // Tells the server that the text is safe here, so that an expired log-in need not show it again.
    if (!this.form.querySelector('[name="draft_kept"]')) {
      const field = Object.assign(document.createElement("input"), { type: "hidden", name: "draft_kept", value: "1" });
      this.form.append(field);
    }
  }

  /** The server has what stands in the form now. */
  saved(values) {
    this.base = values;
    this.dirty = false;
    drafts.drop(drafts.keyOf(this.form));
  }

  // --- Coming back ---------------------------------------------------------------------------------------------

  open() {
    const entry = drafts.kept(this.form);
    if (!entry) return this.catchUp();
    if (drafts.isRefused()) return this.takeOver(entry);
    if (drafts.same(this.shown, entry.values)) return drafts.drop(drafts.keyOf(this.form));
    if (drafts.same(this.shown, entry.base)) return this.restore(entry);
    this.compare("saved", this.shown, entry.values, clock(entry.at));
  }

  /** What was typed before the scripts were there. */
  catchUp() {
    if (!drafts.isRefused() && !drafts.same(drafts.valuesOf(this.form), this.shown)) this.typed();
  }

  /** The page itself holds what was sent last; what it was typed over stays known. */
  takeOver(entry) {
    this.base = entry.base ?? this.shown;
    drafts.keep(this.form, this.base);
  }

  restore(entry) {
    this.put(entry.values);
    const box = this.notice("restored");
    box.querySelector("[data-when]").textContent = clock(entry.at);
    box.querySelector("[data-secrets]").hidden = !this.form.querySelector('input[type="password"]');
    box.querySelector("[data-discard]").addEventListener("click", () => this.discard());
  }

  put(values) {
    this.restoring = true;
    drafts.putBack(this.form, values);
    this.restoring = false;
    this.changed?.();
  }

  discard() {
    this.put(this.shown);
    drafts.drop(drafts.keyOf(this.form));
    this.dirty = false;
    this.box?.remove();
  }

  // --- Two versions ----------------------------------------------------------------------------------------------

  /** Both versions side by side; the form holds `mine` when the other one comes from another tab, else `theirs`. */
  compare(kind, theirs, mine, when) {
    const box = this.notice(kind);
    const rows = box.querySelector("tbody");
    rows.replaceChildren();
    for (const name of Object.keys(mine)) {
      if (drafts.same(theirs[name] ?? [], mine[name])) continue;
      const row = rows.insertRow();
      const head = row.appendChild(document.createElement("th"));
      head.scope = "row";
      head.textContent = labelOf(this.form, name);
      for (const [title, side] of [["Other", theirs], ["Yours", mine]]) {
        const cell = row.insertCell();
        cell.dataset.label = title;
        cell.textContent = textOf(this.form, name, side[name] ?? []);
      }
    }
    if (when) box.querySelector("[data-when]").textContent = when;
    box.querySelector("[data-mine]").onclick = () => this.choose(mine);
    box.querySelector("[data-theirs]").onclick = () => this.choose(theirs);
  }

  choose(values) {
    this.put(values);
    this.base = this.shown;
    if (drafts.same(values, this.shown)) drafts.drop(drafts.keyOf(this.form));
    else this.typed();
    this.box?.remove();
  }

  // --- Another tab -------------------------------------------------------------------------------------------------

  heard(entry) {
    const mine = drafts.valuesOf(this.form);
    if (entry && !drafts.same(entry.values, mine)) this.compare("elsewhere", entry.values, mine);
    else if (!entry && this.dirty) this.tell("sent");
    else if (!entry && !drafts.same(mine, this.shown)) this.tell("sent");
  }

  tell(kind) {
    this.notice(kind);
  }

  /** One notice at a time, at the top of the form. */
  notice(kind) {
    if (this.box?.dataset.kind === kind && this.box.isConnected) return this.box;
    this.box?.remove();
    const made = drafts.pieces().content.querySelector(`[data-kind="${kind}"]`).cloneNode(true);
    this.form.prepend(made);
    this.box = made;
    return made;
  }
}

export { clock };
