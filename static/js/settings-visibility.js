// <form data-customer-form>: shows and hides rows as their conditions say. The server judges again, by itself.
// A row has data-setting="name of its control", and with a condition data-shown-other, -operator and -value.
const valueOf = (form, name) => {
  const control = form.elements.namedItem(name);
  if (!control) return "";
  return control.type === "checkbox" ? String(control.checked) : control.value;
};

const isEmpty = (value) => value === "" || value === "false";

function holds(row, value) {
  const { shownOperator: operator, shownValue: wanted } = row.dataset;
  if (operator === "filled") return !isEmpty(value);
  if (operator === "empty") return isEmpty(value);
  return (value === wanted) === (operator === "equals");
}

function isShown(form, row, rows, passed = new Set()) {
  const other = rows.get(row.dataset.shownOther);
  if (!other || passed.has(row)) return true;
  return isShown(form, other, rows, passed.add(row)) && holds(row, valueOf(form, row.dataset.shownOther));
}

function follow(form) {
  const rows = new Map([...form.querySelectorAll("[data-setting]")].map((row) => [row.dataset.setting, row]));
  const update = () => rows.forEach((row) => (row.hidden = !isShown(form, row, rows)));
  // With the script the row comes and goes; the sentence is for everybody else.
  form.querySelectorAll("[data-shown-words]").forEach((words) => (words.hidden = true));
  form.addEventListener("input", update);
  form.addEventListener("reset", () => setTimeout(update));
  update();
}

export function start(root) {
  for (const form of root.querySelectorAll("form[data-customer-form]:not([data-ready])")) {
    form.dataset.ready = "";
    follow(form);
  }
}
