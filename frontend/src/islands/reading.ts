import { csrfToken } from "../csrf.ts";

const EVERY_MS = 10_000;

/** Marks the heading being read in the margin, and tells the server where the reader is. */
export function reading(article: HTMLElement): void {
  const headings = [...article.querySelectorAll<HTMLElement>(":is(h2, h3, h4)[id]")];
  const links = new Map(
    [...document.querySelectorAll<HTMLAnchorElement>(".contents-margin a[href^='#']")].map((link) => [
      decodeURIComponent(link.hash.slice(1)),
      link,
    ]),
  );
  foldContents();

  const address = article.dataset["positionUrl"];
  let current = "";
  let sent = "";
  let timer = 0;
  const send = (): void => {
    timer = 0;
    if (!address || current === sent) return;
    sent = current;
    const body = new URLSearchParams({ heading: current, csrfmiddlewaretoken: csrfToken() });
    navigator.sendBeacon(address, body);
  };

  const look = (): void => {
    const line = innerHeight * 0.3;
    const above = headings.filter((heading) => heading.getBoundingClientRect().top < line).at(-1);
    const id = above?.id ?? "";
    if (id === current) return;
    links.get(current)?.removeAttribute("aria-current");
    links.get(id)?.setAttribute("aria-current", "location");
    current = id;
    timer ||= window.setTimeout(send, EVERY_MS);
  };

  let asked = false;
  addEventListener(
    "scroll",
    () => {
      if (asked) return;
      asked = true;
      requestAnimationFrame(() => {
        asked = false;
        look();
      });
    },
    { passive: true },
  );
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "hidden") return;
    clearTimeout(timer);
    send();
  });
  look();
}

/** The contents stand open beside the text and folded above it. */
function foldContents(): void {
  const contents = document.querySelector<HTMLDetailsElement>(".contents-margin > details");
  if (!contents) return;
  const beside = matchMedia("(width >= 64rem)");
  const fold = (): void => {
    contents.open = beside.matches;
  };
  beside.addEventListener("change", fold);
  contents.addEventListener("click", (event) => {
    if (!beside.matches && event.target instanceof HTMLAnchorElement) contents.open = false;
  });
  fold();
}
