// Unsent text, kept on this device: one entry per person and form, gone after a week, once sent, and at log-out.
// Never a password, a file or a hidden field, nor what a browser would fill in as a secret, nor [data-autosave-skip].
const PREFIX = "draft:";
const KEEP_MS = 7 * 24 * 3600 * 1000;
const MAX_LENGTH = 1_000_000;
const NEVER = new Set(["password", "file", "hidden", "submit", "button", "image", "reset"]);
const SECRET = /password|one-time-code|webauthn|cc-/;

export const pieces = () => document.getElementById("draft-pieces");
export const person = () => pieces()?.dataset.person ?? "";

// The form's own address and name: the same form shown again at another address is still the same form. (An input called
// “action” hides the property, so the attribute is read.)
const address = (form) => new URL(form.getAttribute("action") || location.href, location.href).pathname;
export const keyOf = (form) => `${PREFIX}${person()}:${address(form)}:${form.dataset.draft || form.id || ""}`;

const isSecret = (element) => SECRET.test(element.autocomplete) || "autosaveSkip" in element.dataset;
// A <fieldset data-draft> inside is kept by itself.
const isApart = (form, element) => {
  const part = element.closest("fieldset[data-draft]");
  return part && part !== form;
};
export const controls = (form) => [...form.elements].filter((element) => element.name && !NEVER.has(element.type) && !isSecret(element) && !isApart(form, element));

const isTick = (element) => element.type === "checkbox" || element.type === "radio";

function collect(form, ticked, chosen, text) {
  const values = {};
  for (const element of controls(form)) {
    const list = (values[element.name] ??= []);
    if (isTick(element)) {
      if (ticked(element)) list.push(element.value);
    } else if (element.options) {
      list.push(...[...element.options].filter(chosen).map((option) => option.value));
    } else {
      list.push(text(element));
    }
  }
  return values;
}

/** The typed values as {name: [values]}. */
export const valuesOf = (form) => collect(form, (tick) => tick.checked, (option) => option.selected, (element) => element.value);

// A list without a choice of its own shows its first option.
const isShown = (option) => {
  const list = option.closest("select");
  return option.defaultSelected || (!list.multiple && option.index === 0 && ![...list.options].some((each) => each.defaultSelected));
};
// These have a value where the page gave none.
const ALWAYS_SET = new Set(["color", "range"]);
const servedText = (element) => (ALWAYS_SET.has(element.type) ? element.value : element.defaultValue);

/** The values with which the form came, whatever was typed while the scripts were on their way. */
export const servedBy = (form) => collect(form, (tick) => tick.defaultChecked, isShown, servedText);

/** Writes values back and tells whoever listens to the controls that they changed. */
export function putBack(form, values) {
  const left = structuredClone(values);
  // A form that makes rows by itself can make room first.
  form.dispatchEvent(new CustomEvent("draft:restore", { detail: left }));
  for (const element of controls(form)) {
    const list = left[element.name];
    if (!list) continue;
    const before = isTick(element) ? element.checked : element.value;
    if (isTick(element)) element.checked = list.includes(element.value);
    else if (element.multiple && element.options) for (const option of element.options) option.selected = list.includes(option.value);
    else if (list.length) element.value = list.shift();
    if ((isTick(element) ? element.checked : element.value) === before) continue;
    element.dispatchEvent(new Event("input", { bubbles: true }));
    element.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

export const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

// Storage may be full or forbidden: then the page works as if there were none.
const attempt = (act) => {
  try {
    return act();
  } catch {
    return null;
  }
};

/** Whether the entry could be kept. `base` is what the form showed when the typing began. */
export const keep = (form, base) =>
  attempt(() => {
    const entry = JSON.stringify({ at: Date.now(), values: valuesOf(form), base });
    if (entry.length > MAX_LENGTH) return false;
    localStorage.setItem(keyOf(form), entry);
    return true;
  }) ?? false;

export const drop = (key) => attempt(() => localStorage.removeItem(key));

const read = (text) => attempt(() => JSON.parse(text));

export function kept(form) {
  const entry = read(attempt(() => localStorage.getItem(keyOf(form))));
  return entry && Date.now() - entry.at < KEEP_MS ? entry : null;
}

/** Calls back with the entry that another tab wrote for this form, or with null when it let it go. */
export function listen(form, heard) {
  addEventListener("storage", (event) => {
    if (event.key === keyOf(form)) heard(event.newValue ? read(event.newValue) : null);
  });
}

function dropWhere(test) {
  attempt(() => {
    for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX) && test(key)) localStorage.removeItem(key);
  });
}

export const dropOld = () => dropWhere((key) => !(Date.now() - read(localStorage.getItem(key))?.at < KEEP_MS));
export const dropMine = () => dropWhere((key) => key.startsWith(`${PREFIX}${person()}:`));

// A sent form: its copy goes once the next page proves that it arrived.
const SENT = "draft-sent";
export const markSent = (form) =>
  attempt(() => sessionStorage.setItem(SENT, JSON.stringify({ key: keyOf(form), page: location.pathname })));

// The page that this one was sent from. A log-in on the way is another one.
const cameFrom = () => attempt(() => new URL(document.referrer).pathname);

const isRedirected = () => performance.getEntriesByType("navigation")[0]?.redirectCount > 0;

/** Whether the page is an answer to a form that was refused. */
export const isRefused = () => Boolean(document.querySelector("[data-error-summary], [data-both-versions]"));

/** No message, or a good one among them. */
function isGoodNews() {
  const messages = [...document.querySelectorAll("#messages .notice")];
  return !messages.length || messages.some((message) => message.classList.contains("notice--success"));
}

export function settleSent() {
  const sent = read(attempt(() => sessionStorage.getItem(SENT)));
  if (!sent) return;
  attempt(() => sessionStorage.removeItem(SENT));
  // Accepted forms end in a redirect to a page of the same person. A refusal, an error page, the log-in or a dead
  // server are anything else, and then the text is still needed.
  if (person() && isRedirected() && cameFrom() === sent.page && !isRefused() && isGoodNews()) drop(sent.key);
}
