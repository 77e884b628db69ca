// A page that was left open: is the same person still logged in, and what token do its forms have to carry?
import { person, pieces } from "./drafts.js";

const QUIET_MS = 20_000;
let asked = Date.now();

/** “same” (every form now carries the new token), “out”, “other”, or “unknown” when nobody answers. */
export async function renew() {
  asked = Date.now();
  try {
    const response = await fetch(pieces().dataset.sessionUrl, { headers: { Accept: "application/json" }, credentials: "same-origin" });
    const { user, token } = await response.json();
    if (!user) return "out";
    if (user !== person()) return "other";
    for (const field of document.querySelectorAll('form input[name="csrfmiddlewaretoken"]')) field.value = token;
    return "same";
  } catch {
    return "unknown";
  }
}

/** Calls back with the answer of `renew` when somebody comes back to the page after a while. */
export function onReturn(heard) {
  document.addEventListener("visibilitychange", async () => {
    if (document.visibilityState !== "visible" || !person() || Date.now() - asked < QUIET_MS) return;
    heard(await renew());
  });
}
