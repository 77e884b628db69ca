// After a refused form the summary takes the focus, so that it is the next thing read.
export function start() {
  document.querySelector("[data-error-summary]")?.focus();
}
