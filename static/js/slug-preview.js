// <input data-slug-url="/apps/new/slug/" data-slug-target="id">: asks GET url?name=… and shows the answer.
// The answer is JSON: {"slug": "acme", "available": true, "message": "…"}; the message is shown as it is.
const WAIT_MS = 300;

function watch(input) {
  const target = document.getElementById(input.dataset.slugTarget);
  if (!target) return;
  let timer = 0;
  let request = null;

  async function ask() {
    request?.abort();
    request = new AbortController();
    const url = new URL(input.dataset.slugUrl, location.href);
    url.searchParams.set("name", input.value);
    try {
      const response = await fetch(url, { signal: request.signal, headers: { Accept: "application/json" } });
      if (response.ok) show(await response.json());
    } catch (error) {
      // Offline or overtaken by the next key: the server says it again when the form is sent.
      if (error.name !== "AbortError") show({ message: "" });
    }
  }

  function show({ slug = "", available, message = "" }) {
    target.textContent = message || slug;
    target.dataset.state = available === undefined ? "" : available ? "free" : "taken";
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT_MS);
  });
  if (input.value) ask();
}

export function start(root) {
  root.querySelectorAll("[data-slug-url]").forEach(watch);
}
