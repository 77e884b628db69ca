// A finding about a rule (the list “rules”) takes the rule's step and its first canned text, where nothing is written yet.
const area = (finding, name) => finding.querySelector(`[name$="-${name}"]`);

function put(field, text) {
  if (!field || !text || field.value.trim()) return;
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

/** “What is wrong. What to do.” → its two halves, as reviews/desk/prefill.py does. */
function halves(text) {
  const at = text.indexOf(". ");
  return at < 0 ? [text, ""] : [text.slice(0, at + 1), text.slice(at + 2)];
}

function fill(input) {
  const rule = input.value && document.getElementById(`rule-${input.value}`);
  if (!rule) return;
  const finding = input.closest(".desk__finding");
  const [seen, todo] = halves(rule.querySelector("[data-canned-text]")?.textContent.trim() ?? "");
  put(area(finding, "step"), rule.closest(".desk__step")?.id.replace(/^step-/, ""));
  put(area(finding, "observed"), seen);
  put(area(finding, "todo"), todo);
}

export function start(root) {
  for (const input of root.querySelectorAll(".desk__finding input[list=rules]")) input.addEventListener("change", () => fill(input));
}
