// <button data-save-key>: Ctrl+S (or ⌘S) on the page presses it, instead of the browser's own “save page”.
export function start(root) {
  for (const button of root.querySelectorAll("[data-save-key]")) {
    document.addEventListener("keydown", (event) => {
      const isSave = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "s";
      if (!isSave || !button.isConnected) return;
      event.preventDefault();
      if (!event.repeat) button.form.requestSubmit(button);
    });
  }
}
