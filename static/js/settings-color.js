// <input data-color>: a text such as #0a7a51, with the browser's colour picker beside it.
const HEX = /^#[0-9a-f]{6}$/i;

function addPicker(input) {
  const picker = Object.assign(document.createElement("input"), { type: "color" });
  picker.setAttribute("aria-label", "Pick a colour");
  const pair = Object.assign(document.createElement("div"), { className: "color-pair" });
  const show = () => (picker.value = HEX.test(input.value) ? input.value : "#000000");
  input.before(pair);
  pair.append(input, picker);
  input.addEventListener("input", show);
  picker.addEventListener("input", () => (input.value = picker.value));
  show();
}

export function start(root) {
  root.querySelectorAll(":not(.color-pair) > input[data-color]").forEach(addPicker);
}
