// <input type="hidden" data-time-zone>: the browser's zone, as a first guess. The server checks it.
export function start(root) {
  for (const field of root.querySelectorAll("[data-time-zone]")) {
    field.value ||= Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
  }
}
