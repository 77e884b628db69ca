// [data-desk-work]: the keys of the desk. Single keys rest while somebody writes and when the switch is off
// (#keys without data-keys-on); Ctrl + Enter needs two keys and always works. Everything has its button as well.
const WRITES = "input:not([type=radio], [type=checkbox], [type=button], [type=submit]), textarea, select, [contenteditable]";
let page = null;

const steps = () => [...page.querySelectorAll(".desk__step")];
const current = () => page.querySelector(".desk__step[data-current]");

function choose(step) {
  if (!step) return;
  current()?.removeAttribute("data-current");
  step.dataset.current = "";
  step.open = true;
  step.querySelector("summary").focus();
  step.scrollIntoView({ block: "nearest" });
}

function move(by) {
  const all = steps();
  const at = all.indexOf(current());
  choose(at < 0 ? all[0] : all[Math.min(Math.max(at + by, 0), all.length - 1)]);
}

function judge(...words) {
  const step = current() ?? (move(1), current());
  if (!step) return;
  const radio = words.map((word) => step.querySelector(`input[type=radio][value="${word}"]`)).find(Boolean);
  const select = step.querySelector("select");
  if (radio) {
    radio.checked = true;
    radio.dispatchEvent(new Event("change", { bubbles: true }));
    radio.focus();
  } else if (select) {
    select.value = words.find((word) => [...select.options].some((option) => option.value === word)) ?? select.value;
    select.dispatchEvent(new Event("change", { bubbles: true }));
    select.focus();
  }
}

function write(step = current()) {
  step?.querySelector("textarea")?.focus();
}

function put(step, text) {
  const area = step?.querySelector("textarea");
  if (!area) return;
  area.value = area.value.trim() ? `${area.value.trimEnd()}\n${text}` : text;
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.focus();
}

/** The texts of a step one after the other, so that pressing again offers the next. */
function canned(step = current()) {
  const texts = [...(step?.querySelectorAll("[data-canned-text]") ?? [])].map((each) => each.textContent.trim());
  if (!texts.length) return write(step);
  const area = step.querySelector("textarea");
  const at = texts.indexOf(area.value.trim());
  if (area.value.trim() && at < 0) return write(step);
  area.value = "";
  put(step, texts[(at + 1) % texts.length]);
  area.blur();
  step.querySelector("summary").focus();
}

function decide() {
  const button = page.querySelector(".desk__choices .btn--primary") ?? page.querySelector(".desk__choices .btn");
  button?.focus();
}

function changes() {
  const link = page.querySelector("[data-desk-tabs] a[href='#changes']");
  if (!link) return;
  link.click();
  const part = document.getElementById("changes");
  part.setAttribute("tabindex", "-1");
  part.focus();
}

function help() {
  const keys = document.getElementById("keys");
  keys.open = !keys.open;
  keys.querySelector("summary").focus();
}

const ACTS = {
  j: () => move(1),
  k: () => move(-1),
  p: () => judge("pass", "met"),
  f: () => judge("fail", "not_met"),
  w: () => write(),
  c: () => canned(),
  d: changes,
  "?": help,
};

function pressed(event) {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    return decide();
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target.closest?.(WRITES) || !document.querySelector("#keys[data-keys-on]")) return;
  const act = ACTS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}

export function start(root) {
  for (const button of root.querySelectorAll("button[data-canned]")) {
    button.hidden = false;
    button.addEventListener("click", () => put(button.closest(".desk__step"), button.parentElement.querySelector("[data-canned-text]").textContent.trim()));
  }
  const found = root.querySelector("[data-desk-work]");
  if (!found || page === found) return;
  page = found;
  for (const step of steps()) step.addEventListener("focusin", () => current() !== step && (current()?.removeAttribute("data-current"), (step.dataset.current = "")));
  document.addEventListener("keydown", pressed);
}
