// <input type="file" data-before="id of a figure">: shows the chosen picture as it is, beside what the catalog keeps of it.
// In an <img> no script of the picture runs and nothing is loaded from elsewhere.
const MAX_SHOWN = 1_000_000;

function show(input) {
  const figure = document.getElementById(input.dataset.before);
  const file = input.files[0];
  if (!figure) return;
  figure.hidden = !file || file.size > MAX_SHOWN;
  if (figure.hidden) return;
  const reader = new FileReader();
  reader.addEventListener("load", () => (figure.querySelector("img").src = reader.result));
  reader.readAsDataURL(file);
}

export function start(root) {
  for (const input of root.querySelectorAll("input[data-before]")) input.addEventListener("change", () => show(input));
}
