// <details data-confirm>: unfolds in place without scripts; with them its panel becomes a modal dialog.
// Also <button data-dialog="id"> for a <dialog> that is already in the page.
function modalFrom(details) {
  const panel = details.querySelector("[data-confirm-panel]");
  const dialog = document.createElement("dialog");
  dialog.className = "dialog";
  dialog.setAttribute("aria-labelledby", panel.getAttribute("aria-labelledby"));
  panel.removeAttribute("aria-labelledby");
  dialog.append(panel);
  details.after(dialog);
  return dialog;
}

function upgrade(details) {
  const dialog = modalFrom(details);
  const trigger = details.querySelector("summary");
  details.open = false;
  trigger.addEventListener("click", (event) => {
    event.preventDefault();
    dialog.showModal();
  });
  for (const button of dialog.querySelectorAll("[data-confirm-close]")) {
    button.hidden = false;
    button.addEventListener("click", () => dialog.close());
  }
  closeOnBackdrop(dialog);
  dialog.addEventListener("close", () => trigger.focus());
}

function closeOnBackdrop(dialog) {
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
}

export function start(root) {
  if (!("showModal" in HTMLDialogElement.prototype)) return;
  for (const details of root.querySelectorAll("details[data-confirm]")) {
    if (details.querySelector("[data-confirm-panel]")) upgrade(details);
  }
  for (const button of root.querySelectorAll("[data-dialog]")) {
    button.hidden = false;
    button.addEventListener("click", () => document.getElementById(button.dataset.dialog)?.showModal());
  }
}
