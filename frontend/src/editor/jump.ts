import { EditorView } from "@codemirror/view";

import type { FileView } from "./file-view.ts";

/** Links that name a line of a file in the editor lead there; where the file is not in the editor, they stay links. */
export function followPlaces(views: FileView[], open: (file: string) => void): void {
  document.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("a[data-file][data-line]") : null;
    const place = link && views.find((view) => view.name === link.dataset["file"]);
    if (!link || !place) return;
    event.preventDefault();
    document.dispatchEvent(new CustomEvent("show-panel", { detail: { value: "editor" } }));
    open(place.name);
    const doc = place.view.state.doc;
    const line = doc.line(Math.min(Math.max(Number(link.dataset["line"]), 1), doc.lines));
    place.view.dispatch({ selection: { anchor: line.from }, effects: EditorView.scrollIntoView(line.from, { y: "center" }) });
    place.view.focus();
  });
}
