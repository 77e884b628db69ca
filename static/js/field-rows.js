// <div data-field-rows>: of the rows with a field each, only those in use and one more are shown. `data-field-remove`
// empties a row and puts it last, `data-field-add` shows the next one. Without scripts all rows are there.
const fieldOf = (row) => row.querySelector("input");

class FieldRows {
  constructor(box) {
    this.rows = [...box.querySelectorAll("[data-field-row]")];
    this.add = box.querySelector("[data-field-add]");
    this.shown = this.used();
    for (const row of this.rows) {
      const button = row.querySelector("[data-field-remove]");
      button.hidden = false;
      button.addEventListener("click", () => this.remove(this.rows.indexOf(row)));
    }
    this.add.addEventListener("click", () => this.more());
    box.closest("form").addEventListener("draft:restore", () => queueMicrotask(() => this.draw()));
    this.draw();
  }

  // How many rows there are up to the last one with a text or an error, at least one.
  used() {
    const isUsed = (row) => fieldOf(row).value || row.querySelector(".error");
    return Math.max(1, this.rows.findLastIndex(isUsed) + 1);
  }

  draw() {
    this.shown = Math.max(this.shown, this.used());
    this.rows.forEach((row, place) => (row.hidden = place >= this.shown));
    this.add.hidden = this.shown >= this.rows.length;
  }

  more() {
    this.shown += 1;
    this.draw();
    fieldOf(this.rows[this.shown - 1]).focus();
  }

  // The texts move up, the fields stay: so each keeps its name and its label.
  remove(place) {
    const fields = this.rows.map(fieldOf);
    for (let each = place; each < fields.length; each += 1) fields[each].value = fields[each + 1]?.value ?? "";
    this.rows.slice(place).forEach((row) => row.querySelector(".error")?.remove());
    this.shown = Math.max(1, this.shown - 1);
    this.draw();
    fields[Math.min(place, this.shown - 1)].focus();
    fields[place].dispatchEvent(new Event("input", { bubbles: true }));
  }
}

export const start = (root) => root.querySelectorAll("[data-field-rows]").forEach((box) => new FieldRows(box));
