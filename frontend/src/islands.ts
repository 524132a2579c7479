import { liveLog } from "./islands/live-log.ts";
import { reading } from "./islands/reading.ts";
import { splitPane } from "./islands/split-pane.ts";
import { tabs } from "./islands/tabs.ts";
import { theme } from "./islands/theme.ts";

/** Brings one element to life. Called once for each element, again for what htmx swaps in. */
export type Island = (element: HTMLElement) => void | Promise<void>;

const ISLANDS: Record<string, Island> = {
  "live-log": liveLog,
  reading,
  "split-pane": splitPane,
  tabs,
  theme,
  search: async (element) => (await import("./islands/search.ts")).search(element),
  countdown: async (element) => (await import("./islands/countdown.ts")).countdown(element),
  typed: async (element) => (await import("./islands/typed.ts")).typed(element),
  "time-zone": async (element) => (await import("./islands/time-zone.ts")).timeZone(element),
  "quiz-clock": async (element) => (await import("./islands/quiz-clock.ts")).quizClock(element),
  "quiz-save": async (element) => (await import("./islands/quiz-save.ts")).quizSave(element),
  practice: async (element) => (await import("./islands/practice.ts")).practice(element),
  editor: async (element) => (await import("./editor/editor.ts")).editor(element),
};

const mounted = new WeakSet<HTMLElement>();

/** Settles when all of them live; one that fails is reported in the console and keeps nobody waiting. */
export async function mountIslands(root: ParentNode): Promise<void> {
  const found = [...root.querySelectorAll<HTMLElement>("[data-island]")];
  if (root instanceof HTMLElement && root.dataset["island"]) found.unshift(root);
  const mounting: Promise<void>[] = [];
  for (const element of found) {
    const island = ISLANDS[element.dataset["island"] ?? ""];
    if (!island || mounted.has(element)) continue;
    mounted.add(element);
    mounting.push(mount(element, island));
  }
  await Promise.all(mounting);
}

async function mount(element: HTMLElement, island: Island): Promise<void> {
  try {
    await island(element);
    element.dataset["mounted"] = "";
  } catch (error) {
    reportError(error);
  }
}
