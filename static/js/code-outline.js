// <ol data-code-outline="function|plugin"> of <li data-handler="onTrack" data-handler-older="track">: says of each whether the code defines it, and leads to
// its line. Parts inside an item: <button data-handler-go> and <span data-handler-missing>, both hidden without scripts.
import { definitions } from "./code-javascript.js";

export class Outline {
  constructor(cm, box, go) {
    Object.assign(this, { cm, box, go });
    this.at = new Map();
    for (const item of box.querySelectorAll("[data-handler]")) {
      item.querySelector("[data-handler-go]").addEventListener("click", () => go(this.placeOf(item)));
    }
  }

  update(doc) {
    this.at = definitions(this.cm, doc.toString(), this.box.dataset.codeOutline);
    for (const item of this.box.querySelectorAll("[data-handler]")) this.show(item, doc);
  }

  /** Under its name, or one of a former shape. */
  placeOf({ dataset }) {
    const names = [dataset.handler, ...(dataset.handlerOlder ?? "").split(" ")];
    return this.at.get(names.find((name) => this.at.has(name)));
  }

  show(item, doc) {
    const from = this.placeOf(item);
    const button = item.querySelector("[data-handler-go]");
    const isThere = from !== undefined;
    button.hidden = !isThere;
    item.querySelector("[data-handler-missing]").hidden = isThere;
    if (isThere) button.querySelector("[data-handler-line]").textContent = doc.lineAt(from).number;
  }
}
