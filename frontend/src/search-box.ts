import { mountIslands } from "./islands.ts";

/** Lets links to the search page open the box instead. What the box does is loaded when it is first opened. */
export function searchBox(): void {
  const dialog = document.getElementById("search-box") as HTMLDialogElement | null;
  if (!dialog) return;
  for (const opener of document.querySelectorAll<HTMLAnchorElement>("[data-search-open]")) {
    opener.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      dialog.dataset["island"] = "search";
      mountIslands(dialog);
      dialog.showModal();
      dialog.querySelector("input")?.select();
    });
  }
}
