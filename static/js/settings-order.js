// <tbody data-setting-order>: rows (data-setting-row) are dragged by their grip; letting go sends the row's own form
// with the new place. The buttons beside the grip do the same for keyboards.
class Drag {
  constructor(body, row, grip) {
    Object.assign(this, { body, row, grip });
    grip.hidden = false;
    grip.addEventListener("pointerdown", (event) => this.begin(event));
  }

  place() {
    return [...this.body.rows].indexOf(this.row);
  }

  begin(event) {
    if (event.button || "dragged" in this.row.dataset) return;
    event.preventDefault();
    this.from = this.place();
    this.next = this.row.nextElementSibling;
    this.row.dataset.dragged = "";
    // On the document: a captured pointer gets lost when its element moves in the page.
    this.ended = new AbortController();
    const { signal } = this.ended;
    document.addEventListener("pointermove", (moved) => this.move(moved), { signal });
    document.addEventListener("pointerup", () => this.end(), { signal });
    document.addEventListener("pointercancel", () => this.cancel(), { signal });
  }

  move({ clientY }) {
    const others = [...this.body.querySelectorAll("[data-setting-row]")].filter((row) => row !== this.row);
    const below = others.find((row) => {
      const { top, height } = row.getBoundingClientRect();
      return clientY < top + height / 2;
    });
    if (below) below.before(this.row);
    else others.at(-1)?.after(this.row);
  }

  end() {
    const hasMoved = this.place() !== this.from;
    this.stop();
    if (hasMoved) this.send();
  }

  cancel() {
    this.body.insertBefore(this.row, this.next);
    this.stop();
  }

  stop() {
    this.ended.abort();
    delete this.row.dataset.dragged;
  }

  send() {
    const form = this.grip.closest("form");
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "place", value: this.place() }));
    form.requestSubmit();
  }
}

export function start(root) {
  for (const body of root.querySelectorAll("[data-setting-order]")) {
    for (const grip of body.querySelectorAll("[data-setting-grip][hidden]")) new Drag(body, grip.closest("tr"), grip);
  }
}
