const opened = new Map<string, string>();

/**
 * Turns links to sections into tabs. Which tab is open outlives an htmx swap, because the sections' ids are
 * the same in the new fragment.
 */
export function tabs(element: HTMLElement): void {
  const list = element.querySelector<HTMLElement>(".tabs-list");
  if (!list) return;
  // A heading elsewhere on the page may have the same id, so only what lies in the element counts.
  const panelOf = (link: HTMLAnchorElement): HTMLElement | null =>
    element.querySelector<HTMLElement>(`#${CSS.escape(link.hash.slice(1))}`);
  const links = [...list.querySelectorAll<HTMLAnchorElement>("a[href^='#']")].filter((link) => panelOf(link));
  const key = links.map((link) => link.hash).join(" ");
  list.setAttribute("role", "tablist");

  const open = (chosen: HTMLAnchorElement): void => {
    for (const link of links) {
      const selected = link === chosen;
      link.setAttribute("aria-selected", String(selected));
      link.tabIndex = selected ? 0 : -1;
      const panel = panelOf(link);
      if (panel) panel.hidden = !selected;
    }
    opened.set(key, chosen.hash);
  };

  links.forEach((link, index) => {
    const panel = panelOf(link);
    link.setAttribute("role", "tab");
    link.id ||= `tab-${link.hash.slice(1)}`;
    link.setAttribute("aria-controls", link.hash.slice(1));
    panel?.setAttribute("role", "tabpanel");
    panel?.setAttribute("aria-labelledby", link.id);
    link.addEventListener("click", (event) => {
      event.preventDefault();
      open(link);
      if ("hash" in element.dataset) history.replaceState(null, "", link.hash);
    });
    link.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      const goal =
        event.key === "Home" ? links[0] : event.key === "End" ? links.at(-1) : links.at((index + (step ?? 0)) % links.length);
      if ((!step && event.key !== "Home" && event.key !== "End") || !goal) return;
      event.preventDefault();
      open(goal);
      goal.focus();
    });
  });

  const first =
    links.find((link) => link.hash === opened.get(key)) ??
    links.find((link) => link.hash === location.hash) ??
    links.find((link) => link.hasAttribute("data-open")) ??
    links[0];
  if (first) open(first);
}
