import { recall, remember } from "../storage.ts";
import { moveBar, type Sizes } from "./split-sizes.ts";

const NARROW = "(width < 56.25rem)";

/** Panels side by side whose bars drag and answer arrow keys; one at a time, behind tabs, on phones. */
export function splitPane(pane: HTMLElement): void {
  const panels = [...pane.querySelectorAll<HTMLElement>(":scope > .split-pane-panel")];
  const key = `split:${pane.dataset["key"] ?? location.pathname}`;
  let sizes: Sizes = stored(key, panels.length) ?? panels.map((panel) => Number(panel.dataset["size"] ?? (panel.id === "editor" ? 1.3 : 1)));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  sizes = sizes.map((size) => size / total);

  const bars = panels.slice(1).map((panel, index) => bar(panel, index));
  const show = (): void => {
    panels.forEach((panel, index) => panel.style.setProperty("flex-grow", String(sizes[index])));
    bars.forEach((one, index) => {
      const before = sizes.slice(0, index + 1).reduce((sum, size) => sum + size, 0);
      one.setAttribute("aria-valuenow", String(Math.round(before * 100)));
    });
  };
  const move = (index: number, by: number): void => {
    sizes = moveBar(sizes, index, by);
    show();
    remember(key, JSON.stringify(sizes));
  };
  bars.forEach((one, index) => drag(one, (by) => move(index, by), pane));
  phoneTabs(pane, panels);
  show();
}

function stored(key: string, count: number): Sizes | null {
  const text = recall(key);
  if (!text) return null;
  try {
    const sizes: unknown = JSON.parse(text);
    const good = Array.isArray(sizes) && sizes.length === count && sizes.every((size) => typeof size === "number" && size > 0);
    return good ? (sizes as Sizes) : null;
  } catch {
    return null;
  }
}

function bar(before: HTMLElement, index: number): HTMLElement {
  const element = document.createElement("div");
  element.className = "split-pane-bar";
  element.tabIndex = 0;
  element.setAttribute("role", "separator");
  element.setAttribute("aria-orientation", "vertical");
  element.setAttribute("aria-label", `Width of panel ${index + 1}`);
  element.setAttribute("aria-valuemin", "0");
  element.setAttribute("aria-valuemax", "100");
  before.before(element);
  return element;
}

function drag(element: HTMLElement, move: (by: number) => void, pane: HTMLElement): void {
  const direction = getComputedStyle(pane).direction === "rtl" ? -1 : 1;
  let last: number | null = null;
  element.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    element.setPointerCapture(event.pointerId);
    element.dataset["dragging"] = "";
    last = event.clientX;
  });
  element.addEventListener("pointermove", (event) => {
    if (last === null) return;
    move(((event.clientX - last) * direction) / pane.clientWidth);
    last = event.clientX;
  });
  const end = (): void => {
    last = null;
    delete element.dataset["dragging"];
  };
  element.addEventListener("pointerup", end);
  element.addEventListener("pointercancel", end);
  element.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -0.02, ArrowRight: 0.02, Home: -1, End: 1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    move(step * direction);
  });
}

function phoneTabs(pane: HTMLElement, panels: HTMLElement[]): void {
  const list = document.createElement("div");
  list.className = "tabs-list split-pane-tabs";
  list.setAttribute("role", "group");
  list.setAttribute("aria-label", "Panels");
  const buttons = panels.map((panel) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = panel.dataset["label"] ?? panel.id;
    button.addEventListener("click", () => open(panel));
    return button;
  });
  list.append(...buttons);
  pane.prepend(list);

  function open(chosen: HTMLElement): void {
    panels.forEach((panel, index) => {
      panel.toggleAttribute("data-open", panel === chosen);
      buttons[index]?.setAttribute("aria-pressed", String(panel === chosen));
    });
    if (matchMedia(NARROW).matches) list.scrollIntoView({ block: "nearest" });
  }
  const byId = (id: string): HTMLElement | undefined => panels.find((panel) => panel.id === id);
  // htmx fires the events named in HX-Trigger on the element that asked; they bubble up to the document.
  document.addEventListener("show-panel", (event) => {
    const detail: unknown = (event as CustomEvent).detail;
    const id = typeof detail === "object" && detail !== null && "value" in detail ? String(detail.value) : "";
    const panel = byId(id);
    if (panel) open(panel);
  });
  addEventListener("hashchange", () => {
    const panel = byId(location.hash.slice(1));
    if (panel) open(panel);
  });
  const first = byId(location.hash.slice(1)) ?? panels.find((panel) => "open" in panel.dataset) ?? panels[0];
  if (first) open(first);
}
