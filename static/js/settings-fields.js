// <form data-setting-form>: shows what belongs to the chosen type. data-shown-for="type:select,array other:*" lists
// the values of controls for which a part is shown; * stands for anything but empty. Without scripts all is shown.
function wants(form, rule) {
  const [name, values] = rule.split(":");
  const now = form.elements.namedItem(name)?.value;
  if (now === undefined) return true;
  return values === "*" ? now !== "" : values.split(",").includes(now);
}

function follow(form) {
  const parts = [...form.querySelectorAll("[data-shown-for]")];
  const update = () => {
    for (const part of parts) {
      // What has a mistake in it stays in sight.
      const isWanted = part.dataset.shownFor.split(" ").every((rule) => wants(form, rule));
      part.hidden = !isWanted && !part.querySelector(".error");
    }
  };
  form.addEventListener("input", update);
  form.addEventListener("change", update);
  update();
}

export function start(root) {
  for (const form of root.querySelectorAll("form[data-setting-form]:not([data-ready])")) {
    form.dataset.ready = "";
    follow(form);
  }
}
