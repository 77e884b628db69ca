// Unsent text, kept on this device: one entry per form and person, dropped after a week or at log-out.
const PREFIX = "draft:";
const KEEP_MS = 7 * 24 * 3600 * 1000;
const NEVER = new Set(["password", "file", "hidden", "submit", "button", "image"]);

const person = () => document.documentElement.dataset.user ?? "";

export const keyOf = (form) => `${PREFIX}${person()}:${location.pathname}:${form.id || form.dataset.autosaveUrl}`;

const controls = (form) =>
  [...form.elements].filter((element) => element.name && !NEVER.has(element.type) && !("autosaveSkip" in element.dataset));

/** The typed values as {name: [values]}; never a password, a file or a hidden field. */
export function valuesOf(form) {
  const values = {};
  for (const element of controls(form)) {
    const list = (values[element.name] ??= []);
    if (element.type === "checkbox" || element.type === "radio") {
      if (element.checked) list.push(element.value);
    } else if (element.type === "select-multiple") {
      list.push(...[...element.selectedOptions].map((option) => option.value));
    } else {
      list.push(element.value);
    }
  }
  return values;
}

export function putBack(form, values) {
  const left = structuredClone(values);
  for (const element of controls(form)) {
    const list = left[element.name];
    if (!list) continue;
    if (element.type === "checkbox" || element.type === "radio") element.checked = list.includes(element.value);
    else if (element.type === "select-multiple") for (const option of element.options) option.selected = list.includes(option.value);
    else if (list.length) element.value = list.shift();
  }
}

// Storage may be full or forbidden: then the page works as if there were none.
const attempt = (act) => {
  try {
    return act();
  } catch {
    return null;
  }
};

export const keep = (form) =>
  attempt(() => localStorage.setItem(keyOf(form), JSON.stringify({ at: Date.now(), values: valuesOf(form) })));

export const drop = (key) => attempt(() => localStorage.removeItem(key));

export function kept(form) {
  const entry = attempt(() => JSON.parse(localStorage.getItem(keyOf(form))));
  return entry && Date.now() - entry.at < KEEP_MS ? entry : null;
}

export const same = (form, values) => JSON.stringify(valuesOf(form)) === JSON.stringify(values);

function dropWhere(test) {
  attempt(() => {
    for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX) && test(key)) localStorage.removeItem(key);
  });
}

const isOld = (key) => Date.now() - (attempt(() => JSON.parse(localStorage.getItem(key)).at) ?? 0) > KEEP_MS;

export const dropOld = () => dropWhere(isOld);
export const dropMine = () => dropWhere((key) => key.startsWith(`${PREFIX}${person()}:`));

// A sent form: its copy goes when the next page is neither the same form again nor the log-in.
const SENT = "draft-sent";
export const markSent = (form) => attempt(() => sessionStorage.setItem(SENT, keyOf(form)));

export function settleSent(forms) {
  const key = attempt(() => sessionStorage.getItem(SENT));
  if (!key) return;
  attempt(() => sessionStorage.removeItem(SENT));
  // Nobody is logged in: the sending ended at the log-in page, and the copy is needed afterwards.
  if (!person()) return;
  if (![...forms].some((form) => keyOf(form) === key)) drop(key);
}
