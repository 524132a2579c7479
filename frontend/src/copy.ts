import { icon } from "./icon.ts";

const CODE = ".highlight pre, .codehilite pre, .prose pre, .code-block";

/** Gives every block of code a button that copies it, without prompts and line numbers. */
export function copyButtons(root: ParentNode): void {
  if (!navigator.clipboard) return;
  for (const block of root.querySelectorAll<HTMLElement>(CODE)) {
    if (block.matches(".output, .output *")) continue;
    const frame = block.closest<HTMLElement>(".code-frame") ?? framed(block);
    if (frame.querySelector(".copy-button")) continue;
    (frame.querySelector(":scope > .code-caption") ?? frame).append(button(block));
  }
}

function framed(block: HTMLElement): HTMLElement {
  const frame = document.createElement("div");
  frame.className = "code-frame";
  block.replaceWith(frame);
  frame.append(block);
  return frame;
}

function button(block: HTMLElement): HTMLButtonElement {
  const copy = document.createElement("button");
  copy.type = "button";
  copy.className = "copy-button";
  const word = document.createElement("span");
  word.textContent = "Copy";
  copy.append(icon("copy"), word);
  copy.addEventListener("click", async () => {
    const clone = block.cloneNode(true) as HTMLElement;
    for (const part of clone.querySelectorAll(".gp, .go, .linenos, .lineno")) part.remove();
    try {
      await navigator.clipboard.writeText((clone.textContent ?? "").replace(/\n+$/, "\n"));
      word.textContent = "Copied";
    } catch {
      word.textContent = "Press Ctrl+C";
      getSelection()?.selectAllChildren(block);
    }
    setTimeout(() => (word.textContent = "Copy"), 1500);
  });
  return copy;
}
