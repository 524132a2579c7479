import { icon } from "./icon.ts";

const CODE = ".prose pre, .codehilite pre, .highlight pre, .code-block";

/** Gives every block of code a button that copies it, without prompts and line numbers. */
export function copyButtons(root: ParentNode): void {
  if (!navigator.clipboard) return;
  for (const block of root.querySelectorAll<HTMLElement>(CODE)) {
    if (block.parentElement?.classList.contains("code-frame") || block.closest(".output")) continue;
    const frame = document.createElement("div");
    frame.className = "code-frame";
    block.replaceWith(frame);
    frame.append(block, button(block));
  }
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
    for (const part of clone.querySelectorAll(".gp, .linenos, .lineno, .go")) part.remove();
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
