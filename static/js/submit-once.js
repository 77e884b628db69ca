// A second click sends nothing twice. Courtesy only: the server de-duplicates on its own.
const GIVE_BACK_AFTER_MS = 15000; // a download leaves the page where it is

const buttonsOf = (form) => [...form.elements].filter((element) => element.type === "submit");

function release(form) {
  delete form.dataset.submitting;
  for (const button of buttonsOf(form)) {
    button.disabled = false;
    delete button.dataset.busy;
  }
}

function hold(form, submitter) {
  // After this turn: a disabled button would not send its own name and value.
  setTimeout(() => {
    for (const button of buttonsOf(form)) {
      if (button.disabled) continue;
      button.disabled = true;
      if (button === submitter) button.dataset.busy = "";
    }
  });
  setTimeout(() => release(form), GIVE_BACK_AFTER_MS);
}

// Its answer is shown elsewhere (a preview in a frame): this page stays, and is used again at once.
const staysHere = (form, submitter) => !["", "_self"].includes(submitter?.formTarget || form.target);

const isOurs = (form) => form.method === "post" && !form.matches("[hx-post], [data-submit-many]");

export function start() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || !isOurs(form) || staysHere(form, event.submitter)) return;
    if ("submitting" in form.dataset) return event.preventDefault();
    form.dataset.submitting = "";
    hold(form, event.submitter);
  });
  // The back button shows the page as it was left, with its buttons off.
  addEventListener("pageshow", () => document.querySelectorAll("form[data-submitting]").forEach(release));
}
