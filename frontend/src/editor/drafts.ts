import { csrfToken } from "../csrf.ts";
import { recall, remember } from "../storage.ts";
import { type Files, readCopy, sameFiles, worthOffering } from "./draft-copy.ts";
import { notice } from "./notice.ts";

export type { Files };

const REST_MS = 1500;
const RETRY_MS = 10_000;

/**
 * Keeps what is typed: on the server 1.5 s after the last key and when the page is hidden, in the browser until
 * the server has it. The status line always says which.
 */
export class DraftKeeper {
  private readonly root: HTMLElement;
  private readonly form: HTMLFormElement;
  private readonly address: string;
  private readonly storageKey: string;
  private readonly status: HTMLElement | null;
  private revision: number;
  private saved: Files = {};
  private latest: Files = {};
  private timer = 0;
  private saving = false;
  private stopped = false;
  private submitted: { files: Files; at: string } | null = null;

  constructor(root: HTMLElement, form: HTMLFormElement) {
    this.root = root;
    this.form = form;
    this.address = root.dataset["draftUrl"] ?? "";
    this.storageKey = `draft:${root.dataset["storageKey"] ?? location.pathname}`;
    this.status = root.querySelector("[data-editor-status]");
    this.revision = Number(root.dataset["revision"] ?? 0);
  }

  /** Begins with the text that the server sent; `write` puts another text into the editor. */
  start(files: Files, write: (files: Files) => void): void {
    this.saved = this.latest = files;
    const savedAt = this.root.dataset["savedAt"] ?? "";
    this.say(savedAt ? `Saved ${clock(savedAt)}` : "Starter code, not changed");
    this.offerCopy(files, savedAt, write);

    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") this.sendBeacon();
      else if (this.unsaved()) this.plan(0);
    });
    this.form.addEventListener("htmx:afterRequest", (event) => {
      const detail = (event as CustomEvent<{ successful: boolean; elt: Element }>).detail;
      if (detail.elt !== this.form || !detail.successful) return;
      // An uploaded file went in place of the text.
      const uploaded = [...this.form.querySelectorAll<HTMLInputElement>("[type=file]")].some((one) => one.files?.length);
      this.submitted = uploaded ? null : { files: sent, at: clock() };
      this.say(`Submitted ${clock()}`);
    });
    let sent: Files = files;
    this.form.addEventListener("htmx:beforeRequest", (event) => {
      if ((event as CustomEvent<{ elt: Element }>).detail.elt === this.form) sent = this.latest;
    });
  }

  /** Somebody typed. */
  changed(files: Files): void {
    this.latest = files;
    remember(this.storageKey, JSON.stringify({ at: new Date().toISOString(), files }));
    if (this.stopped) return;
    if (!this.address) {
      this.say("Kept in this browser only");
      return;
    }
    this.say("Not saved yet");
    this.plan(REST_MS);
  }

  private unsaved(): boolean {
    return !this.stopped && !sameFiles(this.latest, this.saved);
  }

  private plan(wait: number): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.save(), wait);
  }

  private body(files: Files): URLSearchParams {
    this.revision += 1;
    const fields = Object.entries(files).map(([name, text]) => [`file:${name}`, text]);
    return new URLSearchParams([...fields, ["revision", String(this.revision)], ["csrfmiddlewaretoken", csrfToken()]]);
  }

  private async save(): Promise<void> {
    if (!this.address || this.saving) return;
    if (!this.unsaved()) {
      this.stored(this.latest);
      return;
    }
    const files = this.latest;
    this.saving = true;
    this.say("Saving");
    try {
      const response = await fetch(this.address, { method: "POST", body: this.body(files), redirect: "manual" });
      if (response.status === 409) await this.conflict(response);
      else if (response.ok) this.stored(files);
      else this.failed(response.type === "opaqueredirect" || response.status === 403);
    } catch {
      this.failed(false);
    } finally {
      this.saving = false;
    }
    if (this.unsaved() && this.status?.dataset["state"] !== "failed") this.plan(REST_MS);
  }

  private stored(files: Files): void {
    this.saved = files;
    this.saySaved(clock());
    if (!this.unsaved()) remember(this.storageKey, null);
  }

  private failed(signedOut: boolean): void {
    this.say(
      signedOut
        ? "Not saved: you are signed out. Your text is kept in this browser; sign in in another tab."
        : "Not saved: no answer from the server. Your text is kept in this browser; trying again.",
      true,
    );
    this.plan(RETRY_MS);
  }

  private async conflict(response: Response): Promise<void> {
    const answer = (await response.json().catch(() => ({}))) as { revision?: number };
    this.stopped = true;
    this.say("Not saved: there is a newer draft", true);
    const message = notice(this.root, "warning", "A newer draft was saved in another window. Which one do you want?", [
      {
        label: "Load the newer one",
        act: () => {
          remember(this.storageKey, null);
          location.reload();
        },
      },
      {
        label: "Keep this one",
        act: () => {
          this.revision = Math.max(this.revision, answer.revision ?? 0);
          this.stopped = false;
          message.remove();
          this.plan(0);
        },
      },
    ]);
  }

  private sendBeacon(): void {
    if (!this.address || !this.unsaved()) return;
    clearTimeout(this.timer);
    // Text over the browser's limit for beacons stays in localStorage and is offered at the next visit.
    navigator.sendBeacon(this.address, this.body(this.latest));
  }

  private offerCopy(server: Files, savedAt: string, write: (files: Files) => void): void {
    const copy = readCopy(recall(this.storageKey));
    if (!copy) return;
    if (!worthOffering(copy, server, savedAt)) {
      remember(this.storageKey, null);
      return;
    }
    const message = notice(this.root, "warning", `This browser kept newer text, typed ${clock(copy.at)}.`, [
      {
        label: "Restore it",
        act: () => {
          write(copy.files);
          message.remove();
        },
      },
      {
        label: "Discard it",
        act: () => {
          remember(this.storageKey, null);
          message.remove();
        },
      },
    ]);
  }

  /** The text shown is on the server; the line says whether it was also handed in. */
  private saySaved(at: string): void {
    const handedIn = this.submitted && sameFiles(this.latest, this.submitted.files) ? this.submitted : null;
    this.say(handedIn ? `Submitted ${handedIn.at}, unchanged` : `Saved ${at}, not submitted`);
  }

  private say(text: string, failed = false): void {
    if (!this.status) return;
    this.status.textContent = text;
    this.status.dataset["state"] = failed ? "failed" : "";
  }
}

/** The time of day of an instant, with the date when it was not today. */
function clock(at?: string): string {
  const then = at ? new Date(at) : new Date();
  const time = then.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const today = then.toDateString() === new Date().toDateString();
  return today ? time : `${then.toLocaleDateString([], { day: "numeric", month: "short" })}, ${time}`;
}
