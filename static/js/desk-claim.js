// [data-claim-url]: one's own claim goes on while the page is in view, and when it comes into view again. The server
// says whose it is.
const BEAT_MS = 60_000;

async function beat(strip) {
  const token = document.querySelector("#sheet input[name=csrfmiddlewaretoken]")?.value;
  if (!token) return null;
  const body = new URLSearchParams({ claim: "renew", csrfmiddlewaretoken: token });
  const options = { method: "POST", body, headers: { Accept: "application/json" }, credentials: "same-origin" };
  const response = await fetch(strip.dataset.claimUrl, options);
  return response.ok ? response.json() : null;
}

function tell(strip, { is_mine: isMine, by, until }) {
  const text = strip.querySelector("[data-claim-text]");
  if (isMine) {
    const time = new Date(until).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short" });
    text.textContent = `You work on this until ${time}; everything you do here, and this page while it is open, makes it longer.`;
    return true;
  }
  strip.setAttribute("role", "alert");
  strip.classList.add("desk__claim--others");
  strip.querySelector(".chip")?.remove();
  text.textContent = by ? `${by} works on this now. Load the page again to see it, or to take it over.` : "Your claim is over. Load the page again to claim it.";
  return false;
}

export function start(root) {
  for (const strip of root.querySelectorAll("[data-claim-url]")) {
    const renew = async () => {
      if (document.visibilityState !== "visible") return;
      try {
        const now = await beat(strip);
        if (now && !tell(strip, now)) stop();
      } catch {
        // Offline for a moment: the next beat says more.
      }
    };
    const timer = setInterval(renew, BEAT_MS);
    document.addEventListener("visibilitychange", renew);
    const stop = () => (clearInterval(timer), document.removeEventListener("visibilitychange", renew));
  }
}
