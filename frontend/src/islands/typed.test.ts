import assert from "node:assert/strict";
import { test } from "node:test";

import { typed } from "./typed.ts";

/** As much of a page as `typed` looks at: one form with one textarea. */
class Area extends EventTarget {
  defaultValue: string;
  value: string;
  constructor(saved: string) {
    super();
    this.defaultValue = this.value = saved;
  }
  getAttribute(): string {
    return "/draft/";
  }
}

class Form extends EventTarget {
  readonly isConnected = true;
  readonly area: Area;
  constructor(area: Area) {
    super();
    this.area = area;
  }
  querySelector(): Area {
    return this.area;
  }
}

const stored = new Map<string, string>();
const sent: string[] = [];
const browser = {
  window: new EventTarget(),
  document: Object.assign(new EventTarget(), { visibilityState: "visible" }),
  navigator: { sendBeacon: (_: string, fields: URLSearchParams) => sent.push(fields.get("text") ?? "") > 0 },
  sessionStorage: {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, text: string) => stored.set(key, text),
    removeItem: (key: string) => stored.delete(key),
  },
  HTMLFormElement: Form,
  FormData: class extends Map<string, string> {
    constructor(form: Form) {
      super([["text", form.area.value]]);
    }
  },
};
for (const [name, value] of Object.entries(browser)) Object.defineProperty(globalThis, name, { value });

function open(saved: string): Area {
  const area = new Area(saved);
  typed(new Form(area) as unknown as HTMLElement);
  return area;
}

function hide(): void {
  browser.document.visibilityState = "hidden";
  browser.document.dispatchEvent(new Event("visibilitychange"));
  browser.document.visibilityState = "visible";
}

function answered(area: Area, successful: boolean): void {
  area.dispatchEvent(new Event("htmx:beforeRequest"));
  area.dispatchEvent(new CustomEvent("htmx:afterRequest", { detail: { successful } }));
}

test("what was typed when the tab went out of sight is put back after a reload that was quicker than the server", () => {
  const area = open("");
  area.value = "half";
  hide();
  assert.deepEqual(sent.splice(0), ["half"]);
  assert.equal(open("").value, "half");
});

test("what was kept for a reload is forgotten once newer words are saved", () => {
  const area = open("");
  area.value = "half";
  hide();
  area.value = "half and more";
  answered(area, true);
  assert.equal(open("half and more").value, "half and more");
});

test("what was kept stays while the server has refused what came after it", () => {
  const area = open("");
  area.value = "half";
  hide();
  answered(area, false);
  assert.equal(open("").value, "half");
});
