const SHOW_AFTER = 200;
const HIDE_AFTER = 250;
const GAP = 6;

/**
 * Definitions of glossary terms, shown on hover, focus and tap of their links. Escape closes them; they stay while the
 * pointer is on them.
 */
export function terms(): void {
  let shown: { link: HTMLElement; card: HTMLElement } | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let tapped: HTMLElement | undefined;

  const hide = (): void => {
    clearTimeout(timer);
    shown?.card.hidePopover();
    shown = undefined;
  };
  const show = (link: HTMLElement): void => {
    clearTimeout(timer);
    if (shown?.link === link) return;
    hide();
    const card = document.getElementById(link.getAttribute("aria-describedby") ?? "");
    if (!card) return;
    card.showPopover();
    place(card, link);
    shown = { link, card };
  };
  const later = (action: () => void, wait: number): void => {
    clearTimeout(timer);
    timer = setTimeout(action, wait);
  };

  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch" || !(event.target instanceof Element)) return;
    const link = event.target.closest<HTMLElement>("a.term");
    if (link) later(() => show(link), shown ? 0 : SHOW_AFTER);
    else if (shown?.card.contains(event.target)) clearTimeout(timer);
    else if (shown) later(hide, HIDE_AFTER);
    else clearTimeout(timer);
  });
  document.addEventListener("focusin", (event) => {
    if (!(event.target instanceof Element)) return;
    const link = event.target.closest<HTMLElement>("a.term");
    if (link?.matches(":focus-visible")) show(link);
    else if (!link && !shown?.card.contains(event.target)) hide();
  });
  document.addEventListener("focusout", (event) => {
    if (shown && event.target === shown.link && !shown.card.matches(":hover")) later(hide, HIDE_AFTER);
  });
  document.addEventListener("pointerdown", (event) => {
    if (!(event.target instanceof Element)) return;
    const link = event.target.closest<HTMLElement>("a.term");
    tapped = event.pointerType === "touch" && link && shown?.link !== link ? link : undefined;
    if (shown && !link && !shown.card.contains(event.target)) hide();
  });
  // A first tap explains, a second one follows the link.
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest<HTMLElement>("a.term") : null;
    if (!link || link !== tapped) return;
    event.preventDefault();
    tapped = undefined;
    show(link);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !shown) return;
    event.preventDefault();
    hide();
  });
  window.addEventListener("resize", hide);
  // Focus may have come before this part of the page did.
  const focused = document.activeElement?.closest<HTMLElement>("a.term");
  if (focused?.matches(":focus-visible")) show(focused);
}

/** Under the link, or above it where there is more room; always within the window. */
function place(card: HTMLElement, link: HTMLElement): void {
  const at = link.getClientRects()[0] ?? link.getBoundingClientRect();
  const { width, height } = card.getBoundingClientRect();
  const left = Math.max(GAP, Math.min(at.left, document.documentElement.clientWidth - width - GAP));
  const below = at.bottom + GAP;
  const above = at.top - GAP - height;
  const top = below + height > window.innerHeight && above > 0 ? above : below;
  card.style.left = `${left + window.scrollX}px`;
  card.style.top = `${top + window.scrollY}px`;
}
