// <button data-pause="id" hidden>: stops and restarts the polling of that element. <ol data-keep="100">: what grows
// at its top loses its end.
const paused = new Set();

function toggle(button) {
  const id = button.dataset.pause;
  const stops = !paused.has(id);
  if (stops) paused.add(id);
  else paused.delete(id);
  button.setAttribute("aria-pressed", String(stops));
}

function trim(list) {
  const limit = Number(list.dataset.keep);
  while (list.children.length > limit) list.lastElementChild.remove();
}

export function start(root) {
  for (const button of root.querySelectorAll("[data-pause]")) {
    if (!button.hidden) continue;
    button.hidden = false;
    button.addEventListener("click", () => toggle(button));
  }
}

export function once() {
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (paused.has(event.target.id)) event.preventDefault();
  });
  document.addEventListener("htmx:oobAfterSwap", () => document.querySelectorAll("[data-keep]").forEach(trim));
}
