import { recall, remember } from "../storage.ts";

const LONGEST_WAIT = 30;
const SENT = "quiz-sent";

/** Keeps an answer that could not be saved on this device, and tries again until the server has it. */
export function quizSave(form: HTMLElement): void {
  if (!(form instanceof HTMLFormElement)) return;
  const key = `quiz:${new URL(form.action).pathname}`;
  let failures = 0;
  let timer = 0;
  let asked = "";
  let pressed: HTMLElement | null = null;

  const save = (): void => {
    window.clearTimeout(timer);
    form.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const failed = (reached: boolean): void => {
    failures += 1;
    remember(key, fields(form));
    const why = reached ? "did not take it" : "cannot be reached";
    say(`Not saved yet: the server ${why}. Your answer is kept on this device, and saving is tried again.`);
    window.clearTimeout(timer);
    timer = window.setTimeout(save, 1000 * Math.min(LONGEST_WAIT, 2 ** failures));
  };
  const saved = (): void => {
    failures = 0;
    window.clearTimeout(timer);
    if (fields(form) === asked) remember(key, null);
    const button = pressed;
    pressed = null;
    if (button) form.requestSubmit(button);
  };

  form.addEventListener("input", () => remember(key, fields(form)));
  form.addEventListener("htmx:beforeRequest", () => {
    asked = fields(form);
  });
  form.addEventListener("htmx:afterRequest", (event) => {
    const { successful, xhr } = (event as CustomEvent<{ successful?: boolean; xhr: XMLHttpRequest }>).detail;
    if (successful) saved();
    else failed(xhr.status > 0);
  });
  form.addEventListener("submit", (event) => {
    if (navigator.onLine && failures === 0) {
      remember(SENT, key);
      return;
    }
    // Leaving now would end on the browser's own error page.
    event.preventDefault();
    pressed = event.submitter;
    save();
  });
  window.addEventListener("online", () => {
    if (failures > 0) save();
  });

  const sent = recall(SENT);
  remember(SENT, null);
  if (sent && sent !== key) remember(sent, null);
  const kept = recall(key);
  if (kept === null) return;
  if (kept === fields(form)) return remember(key, null);
  fill(form, kept);
  save();
}

/** What is filled in, as text. */
function fields(form: HTMLFormElement): string {
  const pairs = [...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken");
  return JSON.stringify(pairs);
}

function fill(form: HTMLFormElement, kept: string): void {
  const pairs = JSON.parse(kept) as [string, string][];
  for (const field of form.elements) {
    if (field instanceof HTMLInputElement && (field.type === "radio" || field.type === "checkbox")) {
      field.checked = pairs.some(([name, value]) => name === field.name && value === field.value);
    } else if (
      field instanceof HTMLSelectElement ||
      field instanceof HTMLTextAreaElement ||
      (field instanceof HTMLInputElement && field.type === "text")
    ) {
      field.value = pairs.find(([name]) => name === field.name)?.[1] ?? "";
    }
  }
}

function say(text: string): void {
  const place = document.querySelector("#quiz-progress [role='status']");
  if (place && place.textContent !== text) place.textContent = text;
}
