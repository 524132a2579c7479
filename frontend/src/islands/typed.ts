/**
 * A form whose textarea htmx saves while somebody types. Who leaves the page before the pause that saves it loses
 * nothing: what the server has not confirmed goes out with the last breath of the page. A reload can be quicker than
 * that, so the tab keeps the text as well and puts it back.
 */
export function typed(form: HTMLElement): void {
  const area = form.querySelector<HTMLTextAreaElement>("textarea[hx-post]");
  if (!(form instanceof HTMLFormElement) || !area) return;
  let confirmed = area.defaultValue;
  let sent = confirmed;
  const address = area.getAttribute("hx-post") ?? "";
  const kept = keep(address, null);
  if (kept !== null && kept !== area.value) {
    area.value = kept;
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
  area.addEventListener("htmx:beforeRequest", () => {
    sent = area.value;
  });
  area.addEventListener("htmx:afterRequest", (event) => {
    if (!(event as CustomEvent<{ successful: boolean }>).detail.successful) return;
    confirmed = sent;
    // What was kept when the tab went out of sight is older than this.
    if (area.value === confirmed) keep(address, null);
  });
  const flush = (): void => {
    if (!form.isConnected || area.value === confirmed) return;
    const fields = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (typeof value === "string") fields.append(name, value);
    keep(address, area.value);
    if (navigator.sendBeacon(address, fields)) confirmed = area.value;
  };
  window.addEventListener("pagehide", flush);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") flush();
  });
}

/** Stores a text for this tab, null for none; the answer is what was stored before. Storage may be switched off. */
function keep(address: string, text: string | null): string | null {
  try {
    const before = sessionStorage.getItem(`typed:${address}`);
    if (text === null) sessionStorage.removeItem(`typed:${address}`);
    else sessionStorage.setItem(`typed:${address}`, text);
    return before;
  } catch {
    return null;
  }
}
