// [data-desk-work]: the keys of the desk. Single keys rest while somebody writes and when the switch is off
// (#keys without data-keys-on). Ctrl + Enter works in a text, too: first it goes to the decision that the verdicts lead
// to, and its effect is read out; pressed again there, it takes it. Everything has its button as well.
import { afterwards } from "./desk-parts.js";

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

/** Fails anything: request changes; passes everything: approve. The page's own choice where there is no such button. */
function suggested() {
  const verdicts = steps().map((step) => step.querySelector("input[type=radio]:checked")?.value);
  const verb = verdicts.includes("fail") ? "request_changes" : verdicts.length && verdicts.every((one) => one === "pass") ? "approve" : "";
  const bar = page.querySelector(".desk__choices");
  return bar?.querySelector(`.btn[value="${verb}"]`) ?? bar?.querySelector(".btn--primary") ?? bar?.querySelector(".btn");
}

function announce(text) {
  const again = page.querySelector("[data-desk-again]");
  if (again) again.textContent = text;
}

/** Never at the first press: what is decided has the focus by then, and its effect stands beside it. */
function decide(focused) {
  const choice = focused.closest?.(".desk__choices > li");
  const button = choice?.querySelector("button[type=submit]");
  if (button) return button.disabled || button.click();
  const next = suggested();
  if (!next) return;
  next.focus();
  announce(`Ctrl + Enter once more: ${next.textContent.trim()}`);
  next.addEventListener("blur", () => announce(""), { once: true });
}

function changes() {
  const link = page.querySelector("#to-changes");
  if (!link) return;
  afterwards("part", (part) => {
    part.setAttribute("tabindex", "-1");
    part.focus();
  });
  link.click();
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
  if (!document.querySelector("#keys[data-keys-on]")) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    // A key that is held down is one press.
    return event.repeat || decide(event.target);
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target.closest?.(WRITES)) return;
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
