// htmx polls only while somebody looks: a hidden tab asks nothing.
export function start() {
  document.addEventListener("htmx:beforeRequest", (event) => {
    const every = event.target.getAttribute("hx-trigger")?.trim().startsWith("every");
    if (every && document.hidden) event.preventDefault();
  });
}
