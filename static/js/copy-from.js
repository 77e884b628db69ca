// <a href="…" data-copy-from="…">: a click copies the text at that address; without scripts the link opens it.
import { write } from "./copy.js";

const BACK_AFTER_MS = 2000;

async function copyFrom(link) {
  const label = link.querySelector("[data-copy-label]") ?? link;
  const before = (label.dataset.before ??= label.textContent);
  try {
    const answer = await fetch(link.dataset.copyFrom, { headers: { Accept: "text/plain" } });
    if (!answer.ok || answer.redirected) throw new Error("no text");
    await write(await answer.text());
    label.textContent = "Copied";
  } catch {
    // Logged out, offline, or the clipboard is refused: the page with the text says more.
    location.assign(link.href);
    return;
  }
  setTimeout(() => (label.textContent = before), BACK_AFTER_MS);
}

export function start(root) {
  for (const link of root.querySelectorAll("[data-copy-from]")) {
    link.addEventListener("click", (event) => {
      // With a modifier the link opens in a tab of its own, as links do.
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
      event.preventDefault();
      copyFrom(link);
    });
  }
}
