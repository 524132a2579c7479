const TYPING = "input, textarea, select, [contenteditable], .cm-editor";

/** Single keys of every page. They rest while somebody types, and while a dialog is open. */
export function listenForKeys(): void {
  const dialog = document.getElementById("keyboard") as HTMLDialogElement | null;
  const open = (): void => {
    if (!dialog) return;
    listPageKeys(dialog);
    dialog.showModal();
  };
  for (const opener of document.querySelectorAll<HTMLElement>("[data-open-keyboard]")) {
    opener.hidden = false;
    opener.addEventListener("click", open);
  }
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target;
    if (target instanceof HTMLElement && target.closest(TYPING)) return;
    if (document.querySelector("dialog[open]")) return;
    if (press(event.key, open)) event.preventDefault();
  });
}

function press(key: string, openList: () => void): boolean {
  if (key === "?") {
    openList();
    return true;
  }
  if (key === "/") return focus("[data-search]") || click("[data-search-open]");
  if (!/^[a-z0-9]$/.test(key)) return false;
  // A page may give a key another meaning than the one it has everywhere.
  if (click(`[data-key="${key}"]`)) return true;
  switch (key) {
    case "j":
      return click("a[rel='next']");
    case "k":
      return click("a[rel='prev']");
    case "e":
      return editor() || click("a[data-key-e]");
    default:
      return false;
  }
}

function editor(): boolean {
  if (!document.querySelector("[data-island='editor']")) return false;
  document.dispatchEvent(new CustomEvent("show-panel", { detail: { value: "editor" } }));
  return focus("[data-island='editor'] .cm-content, [data-island='editor'] textarea");
}

function focus(selector: string): boolean {
  const found = [...document.querySelectorAll<HTMLElement>(selector)].find((one) => one.checkVisibility());
  found?.focus();
  return found !== undefined;
}

function click(selector: string): boolean {
  const found = document.querySelector<HTMLElement>(selector);
  found?.click();
  return found !== null;
}

function listPageKeys(dialog: HTMLDialogElement): void {
  const list = dialog.querySelector("dl");
  if (!list) return;
  for (const old of list.querySelectorAll("[data-of-page]")) old.remove();
  const everywhere = [...list.querySelectorAll("dt")];
  for (const name of everywhere) hide(name, false);
  for (const element of document.querySelectorAll<HTMLElement>("[data-key]")) {
    const key = document.createElement("kbd");
    key.textContent = element.dataset["key"] ?? "";
    const name = document.createElement("dt");
    name.append(key);
    const meaning = document.createElement("dd");
    meaning.textContent = element.dataset["keyLabel"] ?? element.textContent?.trim() ?? "";
    for (const part of [name, meaning]) part.dataset["ofPage"] = "";
    list.append(name, meaning);
    for (const other of everywhere) if (other.textContent === key.textContent) hide(other, true);
  }
}

function hide(name: HTMLElement, hidden: boolean): void {
  name.hidden = hidden;
  if (name.nextElementSibling instanceof HTMLElement) name.nextElementSibling.hidden = hidden;
}
