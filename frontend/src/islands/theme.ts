import { remember } from "../storage.ts";

const NEXT = { auto: "light", light: "dark", dark: "auto" } as const;
const WORDS = { auto: "automatic", light: "light", dark: "dark" } as const;
type Theme = keyof typeof NEXT;

function current(): Theme {
  const set = document.documentElement.dataset["theme"];
  return set === "light" || set === "dark" ? set : "auto";
}

/** A button that goes through automatic, light and dark, and remembers the choice. */
export function theme(button: HTMLElement): void {
  const label = button.querySelector("[data-theme-label]");
  const show = (): void => {
    const words = `Theme: ${WORDS[current()]}`;
    if (label) label.textContent = words;
    button.title = words;
  };
  button.addEventListener("click", () => {
    const chosen = NEXT[current()];
    if (chosen === "auto") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = chosen;
    remember("theme", chosen === "auto" ? null : chosen);
    show();
  });
  show();
}
