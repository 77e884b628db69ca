// [data-countdown="seconds"]: what can be taken back for a while says how long still. When the time is over, the buttons
// of the part that it stands in rest, and it says why. Without scripts the time of day is there.
const words = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

function end(element, left) {
  left.textContent = "(over: the message is on its way)";
  for (const button of element.closest("[data-countdown-for]")?.querySelectorAll("button[data-in-time]") ?? []) button.disabled = true;
}

export function start(root) {
  for (const element of root.querySelectorAll("[data-countdown]")) {
    // By a clock that goes on in step with the server's, whatever the hour on this machine is set to.
    const over = performance.now() + Number(element.dataset.countdown) * 1000;
    const left = document.createElement("span");
    left.setAttribute("role", "timer");
    delete element.dataset.countdown;
    element.append(" ", left);
    const tick = () => {
      const seconds = Math.ceil((over - performance.now()) / 1000);
      if (seconds <= 0) return end(element, left);
      left.textContent = `(${words(seconds)} left)`;
      setTimeout(tick, 1000);
    };
    tick();
  }
}
