// <button data-copy="id" hidden> or <button data-copy-text="…" hidden>: shown only here, where it can work.
const BACK_AFTER_MS = 2000;

function textFor(button) {
  if ("copyText" in button.dataset) return button.dataset.copyText;
  const source = document.getElementById(button.dataset.copy);
  return source ? (source.value ?? source.textContent) : "";
}

export async function write(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  // Plain http on another machine: no clipboard API there.
  const area = Object.assign(document.createElement("textarea"), { value: text, className: "visually-hidden" });
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error("copy refused");
}

async function copyFrom(button) {
  const label = button.querySelector("[data-copy-label]") ?? button;
  const before = (label.dataset.before ??= label.textContent);
  try {
    await write(textFor(button));
    label.textContent = "Copied";
  } catch {
    label.textContent = "Select it and press Ctrl+C";
  }
  setTimeout(() => (label.textContent = before), BACK_AFTER_MS);
}

export function start(root) {
  for (const button of root.querySelectorAll("[data-copy], [data-copy-text]")) {
    if (!button.hidden) continue;
    button.hidden = false;
    button.addEventListener("click", () => copyFrom(button));
  }
}
