import { Compartment, type Extension } from "@codemirror/state";

import type { FileView } from "./file-view.ts";
import type { Files } from "./draft-copy.ts";

const slots = new WeakMap<FileView, Compartment>();

/** A choice in the editor's bar: what stands in it beside the starter code or an earlier submission. */
export function comparison(root: HTMLElement, views: FileView[]): void {
  const bar = root.querySelector(".editor-bar");
  if (!bar || !root.dataset["draftUrl"]) return;
  const choice = document.createElement("select");
  choice.className = "input editor-compare";
  choice.setAttribute("aria-label", "Show changes against");
  offer(choice);
  // Submissions come while the page is open.
  choice.addEventListener("focus", () => offer(choice));
  document.addEventListener("htmx:afterSettle", () => offer(choice));
  choice.addEventListener("change", () => void show(root, choice, views));
  bar.querySelector("[data-editor-download]")?.before(choice);
}

function offer(choice: HTMLSelectElement): void {
  const rows = [...document.querySelectorAll<HTMLElement>("#lab-history [data-sources]")];
  const options: [string, string][] = [
    ["", "Changes: not shown"],
    ["starter", "Changes since the starter"],
    ...rows.map((row): [string, string] => [
      row.dataset["sources"] ?? "",
      `Changes since ${row.querySelector("time")?.textContent ?? "a submission"}`,
    ]),
  ];
  const chosen = choice.value;
  // The table has the latest only; what is compared with stays on offer.
  const kept = choice.selectedOptions[0];
  if (kept && !options.some(([value]) => value === chosen)) options.push([chosen, kept.text]);
  const wanted = JSON.stringify(options);
  if (choice.dataset["offered"] === wanted) return;
  choice.dataset["offered"] = wanted;
  choice.replaceChildren(...options.map(([value, text]) => new Option(text, value, false, value === chosen)));
}

async function show(root: HTMLElement, choice: HTMLSelectElement, views: FileView[]): Promise<void> {
  const chosen = choice.value;
  const status = root.querySelector("[data-editor-status]");
  try {
    const against = chosen === "" ? null : chosen === "starter" ? starters(views) : await sources(chosen);
    const { unifiedMergeView } = await import("@codemirror/merge");
    // Somebody may have chosen something else meanwhile.
    if (choice.value !== chosen) return;
    for (const view of views) {
      const original = against?.[view.name];
      const changes = original === undefined ? [] : unifiedMergeView({ original, mergeControls: false, gutter: true });
      fill(view, changes);
    }
  } catch {
    if (choice.value !== chosen) return;
    choice.value = "";
    for (const view of views) fill(view, []);
    if (status) status.textContent = "Not compared: no answer from the server. Try again.";
  }
}

function starters(views: FileView[]): Files {
  return Object.fromEntries(views.map((view) => [view.name, view.starter ?? ""]));
}

async function sources(address: string): Promise<Files> {
  const response = await fetch(address, { headers: { Accept: "application/json" }, redirect: "error" });
  if (!response.ok) throw new Error(String(response.status));
  return ((await response.json()) as { files: Files }).files;
}

function fill(view: FileView, extension: Extension): void {
  const slot = slots.get(view);
  if (slot) {
    view.view.dispatch({ effects: slot.reconfigure(extension) });
    return;
  }
  const made = new Compartment();
  slots.set(view, made);
  view.extend(made.of(extension));
}
