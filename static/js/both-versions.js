// The page that shows two versions (partials/both_versions.html): take one field of the saved version, or all of it.
import { drop, keyOf } from "./drafts.js";

const formsOf = (name) => [...document.querySelectorAll("main form")].filter((form) => form.elements.namedItem(name));

function take(button) {
  for (const form of formsOf(button.dataset.take)) {
    const field = form.elements.namedItem(button.dataset.take);
    field.value = button.dataset.value;
    const control = field instanceof RadioNodeList ? field[0] : field;
    control.dispatchEvent(new Event("input", { bubbles: true }));
    control.dispatchEvent(new Event("change", { bubbles: true }));
    control.focus();
  }
}

export function start() {
  for (const button of document.querySelectorAll("[data-take]")) {
    if (!formsOf(button.dataset.take).length) continue;
    button.hidden = false;
    button.addEventListener("click", () => take(button));
  }
  // Who takes the saved version wants nothing of the other one back.
  for (const link of document.querySelectorAll("[data-discard-draft]")) {
    link.addEventListener("click", () => document.querySelectorAll("main form").forEach((form) => drop(keyOf(form))));
  }
}
