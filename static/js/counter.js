// <p data-counter-for="id_of_control" data-limit="500">: says how much room is left. The server stays the judge.
const NEAR = 0.9;

function show(control, counter) {
  const limit = Number(counter.dataset.limit);
  const used = [...control.value].length;
  const over = used - limit;
  counter.textContent = over > 0 ? `${used} of ${limit} characters, ${over} too many` : `${used} of ${limit} characters`;
  counter.dataset.state = over > 0 ? "over" : used >= limit * NEAR ? "near" : "fine";
  // Spoken only when it begins to matter, not at every key.
  counter.setAttribute("aria-live", counter.dataset.state === "fine" ? "off" : "polite");
}

export function start(root) {
  for (const counter of root.querySelectorAll("[data-counter-for]")) {
    const control = document.getElementById(counter.dataset.counterFor);
    if (!control) continue;
    control.addEventListener("input", () => show(control, counter));
    show(control, counter);
  }
}
