import { typed } from "./typed.ts";

/** Space presses the page's main button, Ctrl Enter sends the form that is typed in. Plain forms do the rest. */
export function practice(element: HTMLElement): void {
  typed(element);
  document.addEventListener("keydown", (event) => {
    const target = event.target;
    if (!element.isConnected || event.defaultPrevented || event.repeat || !(target instanceof HTMLElement)) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && target.closest("form") === element) {
      event.preventDefault();
      press(element);
    }
    if (event.key !== " " || event.ctrlKey || event.metaKey || event.altKey) return;
    // Space has a meaning of its own on whatever can be pressed, ticked, opened or typed in.
    if (target.closest("input, textarea, select, button, a, summary, [contenteditable], dialog")) return;
    if (document.querySelector("dialog[open]")) return;
    event.preventDefault();
    press(element);
  });
}

function press(element: HTMLElement): void {
  element.querySelector<HTMLElement>("[data-space]")?.click();
}
