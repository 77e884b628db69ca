// <div data-choices-editor> around a text area with one option per line, "value" or "value = label": a row for each
// option in its place. The text area stays what is sent.
const SIGN = " = ";

const split = (line) => {
  const at = line.indexOf(SIGN);
  return at < 0 ? [line, ""] : [line.slice(0, at), line.slice(at + SIGN.length)];
};

const join = ([value, label]) => (label.trim() && label.trim() !== value.trim() ? `${value.trim()}${SIGN}${label.trim()}` : value.trim());

const make = (tag, properties, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

class Choices {
  constructor(editor) {
    this.area = editor.querySelector("textarea");
    this.list = make("ol", { className: "option-rows" });
    const add = make("button", { type: "button", className: "btn btn--small", textContent: "Add an option" });
    add.addEventListener("click", () => this.add("", ""));
    this.area.hidden = true;
    this.area.after(this.list, add);
    // The label names the text area, which is out of sight now: its first row takes the focus.
    this.area.addEventListener("focus", () => this.list.querySelector("input")?.focus());
    this.area.form.addEventListener("input", () => this.text() !== this.lines().join("\n") && this.draw());
    this.draw();
  }

  lines() {
    return this.area.value.split("\n").map((line) => line.trim()).filter(Boolean);
  }

  text() {
    return this.pairs().map(join).filter(Boolean).join("\n");
  }

  pairs() {
    return [...this.list.children].map((row) => [...row.querySelectorAll("input")].map((input) => input.value));
  }

  draw() {
    this.list.replaceChildren();
    for (const line of this.lines()) this.row(...split(line));
    if (!this.list.children.length) this.row("", "");
  }

  row(value, label) {
    const number = this.list.children.length + 1;
    const input = (name, text) => {
      const made = make("input", { value: text, placeholder: name, autocomplete: "off" });
      made.setAttribute("aria-label", `${name} of option ${number}`);
      made.addEventListener("input", (event) => { event.stopPropagation(); this.changed(); });
      return made;
    };
    const row = make("li", { className: "option-row" }, input("Value", value), input("Label", label));
    row.append(make("div", { className: "option-row__acts" }, this.act("↑", "up", row), this.act("↓", "down", row), this.act("×", "remove", row)));
    this.list.append(row);
    return row;
  }

  act(sign, what, row) {
    const button = make("button", { type: "button", className: "btn btn--quiet btn--small", textContent: sign });
    const said = { up: "Move this option up", down: "Move this option down", remove: "Remove this option" };
    button.setAttribute("aria-label", said[what]);
    button.addEventListener("click", () => {
      if (what === "up") row.previousElementSibling?.before(row);
      if (what === "down") row.nextElementSibling?.after(row);
      if (what === "remove") row.remove();
      this.changed();
      (row.isConnected ? button : this.list.querySelector("input"))?.focus();
    });
    return button;
  }

  add(value, label) {
    this.row(value, label).querySelector("input").focus();
  }

  changed() {
    this.area.value = this.text();
    this.area.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

export function start(root) {
  for (const editor of root.querySelectorAll("[data-choices-editor]:not([data-ready])")) {
    editor.dataset.ready = "";
    new Choices(editor);
  }
}
