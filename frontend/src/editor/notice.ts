import { icon } from "../icon.ts";

interface Action {
  label: string;
  act: () => void;
}

const ICONS = { info: "info", warning: "alert" } as const;

/** A line above the editor with what can be done about it; the newest replaces the one before. */
export function notice(root: HTMLElement, kind: keyof typeof ICONS, text: string, actions: Action[]): HTMLElement {
  root.querySelector(":scope > .notice")?.remove();
  const element = document.createElement("div");
  element.className = `notice notice-${kind}`;
  element.setAttribute("role", "status");
  const words = document.createElement("p");
  words.textContent = text;
  const row = document.createElement("div");
  row.className = "button-row";
  for (const action of actions) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button-small";
    button.textContent = action.label;
    button.addEventListener("click", action.act);
    row.append(button);
  }
  const body = document.createElement("div");
  body.className = "cluster";
  body.append(words, row);
  element.append(icon(ICONS[kind]), body);
  root.prepend(element);
  return element;
}
