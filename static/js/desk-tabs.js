// [data-desk-tabs]: links to parts of the page become tabs, one part at a time. Without scripts all parts stand below
// each other, and the links lead there.
const partOf = (link) => document.getElementById(link.hash.slice(1));

function show(links, chosen) {
  for (const link of links) {
    const isChosen = link === chosen;
    partOf(link).hidden = !isChosen;
    if (isChosen) {
      link.setAttribute("aria-current", "true");
      if (partOf(link).matches("details")) partOf(link).open = true;
    } else {
      link.removeAttribute("aria-current");
    }
  }
}

function follow(links) {
  const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const chosen = target && links.find((link) => partOf(link).contains(target));
  if (!chosen) return;
  show(links, chosen);
  target.scrollIntoView({ block: "nearest" });
}

export function start(root) {
  for (const nav of root.querySelectorAll("[data-desk-tabs]")) {
    const links = [...nav.querySelectorAll("a[href^='#']")].filter(partOf);
    if (!links.length) continue;
    show(links, links[0]);
    follow(links);
    addEventListener("hashchange", () => follow(links));
    // The same link again leaves the hash as it is.
    nav.addEventListener("click", (event) => {
      const link = event.target.closest("a");
      if (links.includes(link)) show(links, link);
    });
  }
}
