/** The site's menu on phones, and closing of menus that stand open. */
export function siteMenu(): void {
  const button = document.querySelector<HTMLButtonElement>(".menu-button");
  const nav = document.getElementById("site-nav");
  const show = (open: boolean): void => {
    if (!button || !nav) return;
    button.setAttribute("aria-expanded", String(open));
    nav.toggleAttribute("data-open", open);
  };
  button?.addEventListener("click", () => show(button.getAttribute("aria-expanded") !== "true"));

  const closeMenus = (except: Node | null): void => {
    for (const menu of document.querySelectorAll<HTMLDetailsElement>("details.site-menu[open]")) {
      if (!except || !menu.contains(except)) menu.open = false;
    }
  };
  document.addEventListener("click", (event) => closeMenus(event.target as Node));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = document.querySelector<HTMLElement>("details.site-menu[open] > summary");
    if (open) open.focus();
    else if (button?.getAttribute("aria-expanded") === "true") button.focus();
    closeMenus(null);
    show(false);
  });
}
