import { icon } from "./icon.ts";

/** Says when a request of the page failed, and takes it back when the next one succeeds. */
export function showFailedRequests(): void {
  const place = document.getElementById("live-notice");
  if (!place) return;
  const say = (text: string): void => {
    if (place.textContent === text) return;
    const notice = document.createElement("div");
    notice.className = "notice notice-warning";
    const words = document.createElement("p");
    words.textContent = text;
    notice.append(icon("alert"), words);
    place.replaceChildren(notice);
  };
  document.addEventListener("htmx:sendError", () =>
    say("The server cannot be reached. This page keeps trying; what you typed is still here."),
  );
  document.addEventListener("htmx:responseError", (event) => {
    const status = (event as CustomEvent<{ xhr: XMLHttpRequest }>).detail.xhr.status;
    if (status === 401 || status === 403) say("You are signed out, or the page is too old. Reload it to go on.");
    else if (status === 404) say("What this page shows does not exist any more. Reload it.");
    else say(`The server answered with error ${status}. What you typed is still here; try again in a minute.`);
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!(event as CustomEvent<{ isError: boolean }>).detail.isError) place.replaceChildren();
  });
}
