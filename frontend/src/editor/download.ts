import { csrfToken } from "../csrf.ts";
import type { Files } from "./draft-copy.ts";

/** Has what stands in the editor saved as a file, or as a zip of several, by the server that names and packs it. */
export function downloadButton(root: HTMLElement, current: () => Files): void {
  const button = root.querySelector<HTMLButtonElement>("[data-editor-download]");
  button?.addEventListener("click", () => {
    // A form of its own: the lab's is sent by htmx, which would take the answer for a page.
    const form = document.createElement("form");
    form.method = "post";
    form.action = button.dataset["editorDownload"] ?? "";
    form.hidden = true;
    const fields = Object.entries(current()).map(([name, text]) => field(`file:${name}`, text));
    form.append(field("csrfmiddlewaretoken", csrfToken()), ...fields);
    document.body.append(form);
    form.submit();
    form.remove();
  });
}

function field(name: string, text: string): HTMLTextAreaElement {
  const element = document.createElement("textarea");
  element.name = name;
  element.value = text;
  return element;
}
