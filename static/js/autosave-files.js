// The files of a form that saves itself: each goes up once, and the page says what became of it.
//
// What the server saved (200) or refused (422 with an error of that field) is not sent again until another file is
// chosen; the button still sends what is chosen. Put <div data-autosave-notes role="status"> into the form.
export class Files {
  constructor(form) {
    this.form = form;
    this.settled = new WeakSet();
    this.sent = [];
  }

  body() {
    const data = new FormData(this.form);
    for (const part of this.form.querySelectorAll("fieldset[data-draft]")) for (const each of part.elements) data.delete(each.name);
    this.sent = [];
    for (const [name, value] of [...data]) {
      if (!(value instanceof File) || !value.size) continue;
      if (this.settled.has(value)) data.delete(name);
      else this.sent.push([name, value]);
    }
    return data;
  }

  settle(status, { errors = {}, notes = [] }) {
    const lines = [...notes];
    for (const [name, file] of this.sent) {
      if (status === 200 || errors[name]) this.settled.add(file);
      for (const text of errors[name] ?? []) lines.push(`${file.name}: ${text}`);
    }
    if (this.sent.length && lines.length) this.show(lines);
    this.sent = [];
  }

  show(lines) {
    const box = this.form.querySelector("[data-autosave-notes]");
    box?.replaceChildren(...lines.map((text) => Object.assign(document.createElement("p"), { textContent: text })));
  }
}
