// The columns of a submission's page (#part, #side): htmx fetches the part that a link names. Here is what a plain link
// would do by itself: another tab with Ctrl, and the part in view once it is there.
const LINKS = "a[hx-target='#part'], a[hx-target='#side']";

/** Calls back once, with the part that is in `column` after the next swap. */
export function afterwards(column, act) {
  document.addEventListener("htmx:afterSettle", function settled(event) {
    if (event.detail.target.id !== column) return;
    document.removeEventListener("htmx:afterSettle", settled);
    act(event.detail.target.querySelector("section"));
  });
}

export function once() {
  document.addEventListener(
    "click",
    (event) => {
      const link = event.target.closest?.(LINKS);
      if (!link) return;
      if (event.ctrlKey || event.metaKey || event.shiftKey) event.stopPropagation();
      else afterwards(link.getAttribute("hx-target").slice(1), (part) => part?.scrollIntoView({ block: "nearest" }));
    },
    true,
  );
}
