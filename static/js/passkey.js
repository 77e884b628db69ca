// <form data-passkey="create|get"> with a hidden field `credential`, a button [data-passkey-button] that is hidden
// where passkeys cannot work, and [data-passkey-error] for what went wrong. The options are in a JSON script whose
// id stands in data-options, or come from the form's own address.
const TROUBLE = {
  NotAllowedError: "Nothing was done: it was cancelled or took too long. Try again.",
  InvalidStateError: "This device has a passkey for your account already.",
  SecurityError: "Passkeys do not work at this address.",
};

async function optionsOf(form) {
  const inPage = document.getElementById(form.dataset.options);
  if (inPage) return JSON.parse(inPage.textContent);
  const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return answer.json();
}

async function create(form, { creation_options: { publicKey } }) {
  const discoverable = form.elements.passwordless?.checked ?? true;
  const residentKey = discoverable ? "required" : "discouraged";
  const selection = { ...publicKey.authenticatorSelection, residentKey, requireResidentKey: discoverable };
  if (discoverable) selection.userVerification = "required";
  const options = PublicKeyCredential.parseCreationOptionsFromJSON({ ...publicKey, authenticatorSelection: selection });
  return navigator.credentials.create({ publicKey: options });
}

async function get(form, { request_options: { publicKey } }) {
  return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey) });
}

const ceremonies = { create, get };

async function run(form) {
  const problem = form.querySelector("[data-passkey-error]");
  problem.hidden = true;
  try {
    const credential = await ceremonies[form.dataset.passkey](form, await optionsOf(form));
    form.elements.credential.value = JSON.stringify(credential);
    form.requestSubmit();
  } catch (error) {
    problem.textContent = TROUBLE[error.name] ?? "The passkey could not be used. Try again, or use another way.";
    problem.hidden = false;
  }
}

export function start(root) {
  if (!globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON) return;
  for (const form of root.querySelectorAll("form[data-passkey]")) {
    const button = form.querySelector("[data-passkey-button]");
    if (!button.hidden) continue; // prepared already
    button.hidden = false;
    form.querySelector("[data-passkey-missing]")?.remove();
    form.addEventListener("submit", (event) => {
      if (form.elements.credential.value) return;
      event.preventDefault();
      run(form);
    });
  }
}
