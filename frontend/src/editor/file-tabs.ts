import type { FileView } from "./file-view.ts";

interface FileTabs {
  /** Shows how many messages a file has. */
  count: (file: string, problems: number) => void;
  /** Brings a file to the front. */
  open: (file: string) => void;
}

/** Tabs over several files; a single file needs none. */
export function fileTabs(root: HTMLElement, views: FileView[]): FileTabs {
  if (views.length < 2) return { count: () => undefined, open: () => undefined };
  const list = document.createElement("div");
  list.className = "tabs-list";
  list.setAttribute("role", "tablist");
  list.setAttribute("aria-label", "Files");
  const buttons = views.map((view, index) => {
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("role", "tab");
    button.textContent = view.name;
    button.addEventListener("click", () => open(index));
    button.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const goal = (index + step + views.length) % views.length;
      open(goal, false);
      buttons[goal]?.focus();
    });
    view.element.setAttribute("role", "tabpanel");
    view.element.setAttribute("aria-label", view.name);
    return button;
  });

  function open(chosen: number, focus = true): void {
    views.forEach((view, index) => {
      view.element.hidden = index !== chosen;
      buttons[index]?.setAttribute("aria-selected", String(index === chosen));
      if (buttons[index]) buttons[index].tabIndex = index === chosen ? 0 : -1;
    });
    views[chosen]?.view.requestMeasure();
    if (focus) views[chosen]?.view.focus();
  }

  list.append(...buttons);
  root.prepend(list);
  open(0, false);
  return {
    open: (file) => open(Math.max(0, views.findIndex((view) => view.name === file))),
    count: (file, problems) => {
      const button = buttons[views.findIndex((view) => view.name === file)];
      button?.querySelector(".count")?.remove();
      if (!button || problems === 0) return;
      const badge = document.createElement("span");
      badge.className = "count";
      badge.textContent = String(problems);
      badge.title = problems === 1 ? "1 message" : `${problems} messages`;
      button.append(badge);
    },
  };
}
