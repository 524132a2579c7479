const DELAY = 120;

interface Box {
  dialog: HTMLDialogElement;
  input: HTMLInputElement;
  results: HTMLElement;
}

/** The search box over every page: opens with its button or `/`, answers while somebody types. */
export function search(dialog: HTMLElement): void {
  const input = dialog.querySelector<HTMLInputElement>("input[type='search']");
  const results = dialog.querySelector<HTMLElement>("[data-search-results]");
  if (!(dialog instanceof HTMLDialogElement) || !input || !results) return;
  const box: Box = { dialog, input, results };
  let waiting: ReturnType<typeof setTimeout> | undefined;
  let request: AbortController | undefined;

  const ask = async (): Promise<void> => {
    request?.abort();
    request = new AbortController();
    const address = `${dialog.dataset["address"]}?${new URLSearchParams({ q: input.value })}`;
    try {
      const answer = await fetch(address, { signal: request.signal, headers: { "HX-Request": "true" } });
      // Too many searches is an answer in words.
      if (!answer.ok && answer.status !== 429) throw new Error(String(answer.status));
      results.innerHTML = await answer.text();
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") return;
      results.textContent = "The search does not answer. Press Enter to try the search page.";
    }
    results.scrollTop = 0;
    const status = dialog.querySelector("[role='status']");
    const found = results.querySelector<HTMLElement>("[data-total]")?.dataset["total"];
    const note = results.querySelector(".search-note, .empty-state")?.textContent?.trim();
    if (status) status.textContent = [note, found && `${found} results`].filter(Boolean).join(" ");
    choose(box, undefined);
  };

  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => void ask(), DELAY);
  });
  input.addEventListener("keydown", (event) => press(event, box));
  results.addEventListener("pointermove", (event) => {
    const option = (event.target as Element).closest<HTMLElement>("[role='option']");
    if (option) choose(box, option);
  });
  // A link to a place on this page would otherwise leave the box over it.
  results.addEventListener("click", (event) => {
    if ((event.target as Element).closest("a")) dialog.close();
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || (event.target as Element).closest("[data-close]")) dialog.close();
  });
}

function press(event: KeyboardEvent, box: Box): void {
  const all = [...box.results.querySelectorAll<HTMLElement>("[role='option']")];
  const at = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown") choose(box, all[at + 1] ?? all[0]);
  else if (event.key === "ArrowUp") choose(box, at < 0 ? all.at(-1) : all[at - 1]);
  else if (event.key === "Enter" && at >= 0 && !event.isComposing) all[at]?.click();
  // A search field would be cleared first, and the box closed only by a second press.
  else if (event.key === "Escape") box.dialog.close();
  else return;
  event.preventDefault();
}

function choose({ input, results }: Box, option: HTMLElement | undefined): void {
  for (const other of results.querySelectorAll("[aria-selected='true']")) other.setAttribute("aria-selected", "false");
  input.setAttribute("aria-expanded", String(results.querySelector("[role='option']") !== null));
  if (!option) {
    input.removeAttribute("aria-activedescendant");
    return;
  }
  option.setAttribute("aria-selected", "true");
  option.scrollIntoView({ block: "nearest" });
  input.setAttribute("aria-activedescendant", option.id);
}
