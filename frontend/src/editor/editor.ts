import { comparison } from "./compare.ts";
import { downloadButton } from "./download.ts";
import { DraftKeeper, type Files } from "./drafts.ts";
import { showDiagnostics } from "./diagnostics.ts";
import { FileView } from "./file-view.ts";
import { fileTabs } from "./file-tabs.ts";
import { followPlaces } from "./jump.ts";
import { notice } from "./notice.ts";

/** Turns the textareas of a lab's form into an editor. They stay in the form and always hold the current text. */
export function editor(root: HTMLElement): void {
  const form = root.closest("form");
  const sources = [...root.querySelectorAll<HTMLTextAreaElement>("textarea[name^='file:']")];
  if (!form || sources.length === 0) return;

  const keeper = new DraftKeeper(root, form);
  const views = sources.map(
    (source) =>
      new FileView(source, {
        nonce: root.dataset["cspNonce"] ?? "",
        changed: () => keeper.changed(current()),
        submit: () => form.requestSubmit(),
      }),
  );
  const current = (): Files => Object.fromEntries(views.map((view) => [view.name, view.text]));
  const write = (files: Files): void => {
    for (const view of views) {
      const text = files[view.name];
      if (text !== undefined) view.write(text);
    }
  };

  views.forEach((view, index) => sources[index]?.after(view.element));
  const tabs = fileTabs(root, views);
  for (const source of sources) source.setAttribute("aria-hidden", "true");

  keeper.start(current(), write);
  resetButton(root, views, write, current);
  downloadButton(root, current);
  comparison(root, views);
  watchDiagnostics(root, views, tabs.count);
  followPlaces(views, tabs.open);
}

function resetButton(root: HTMLElement, views: FileView[], write: (files: Files) => void, current: () => Files): void {
  const button = root.querySelector<HTMLButtonElement>("[data-editor-reset]");
  button?.addEventListener("click", (event) => {
    event.preventDefault();
    const before = current();
    write(Object.fromEntries(views.map((view) => [view.name, view.starter ?? view.text])));
    const message = notice(root, "info", "Reset to the starter code.", [
      {
        label: "Undo",
        act: () => {
          write(before);
          message.remove();
        },
      },
      { label: "Keep the starter", act: () => message.remove() },
    ]);
  });
}

function watchDiagnostics(root: HTMLElement, views: FileView[], count: (file: string, problems: number) => void): void {
  const selector = root.dataset["diagnosticsFrom"];
  if (!selector) return;
  let shown = "";
  const look = (): void => {
    const holder = document.querySelector(selector);
    const text = holder?.querySelector("script[data-diagnostics], script#diagnostics")?.textContent ?? "[]";
    if (text === shown) return;
    shown = text;
    for (const view of views) count(view.name, showDiagnostics(view.view, view.name, text));
  };
  document.addEventListener("htmx:afterSettle", look);
  look();
}
