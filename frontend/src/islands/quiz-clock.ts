/** Seconds left at which screen readers say so; the ticking itself they leave out. */
const SAID_AT = [600, 300, 60, 20];
const LAST_SAVE = 3;

/** Counts down to the end of a quiz. The server alone decides when that is; at zero it is asked. */
export function quizClock(element: HTMLElement): void {
  const face = element.querySelector<HTMLElement>("[data-clock]");
  const words = element.querySelector<HTMLElement>("[data-clock-words]");
  const then = element.dataset["then"];
  if (!face || !words || !then) return;
  // The wall clock goes on while the machine sleeps.
  const end = Date.now() + Number(element.dataset["seconds"]) * 1000;
  let before = Infinity;
  const tick = (): void => {
    if (!element.isConnected) return clearInterval(ticking);
    const left = Math.max(0, Math.round((end - Date.now()) / 1000));
    face.textContent = clockFace(left);
    const due = before === Infinity ? left <= 60 : SAID_AT.some((mark) => before > mark && left <= mark);
    if (due) words.textContent = inWords(left);
    element.toggleAttribute("data-soon", left <= 60);
    if (before > LAST_SAVE && left <= LAST_SAVE) saveNow();
    if (left === 0) {
      clearInterval(ticking);
      location.assign(then);
    }
    before = left;
  };
  const ticking = window.setInterval(tick, 1000);
  tick();
}

/** What is typed and waits to be saved goes out before the time is over. */
function saveNow(): void {
  document.querySelector("form[data-autosave]")?.dispatchEvent(new Event("change", { bubbles: true }));
}

export function clockFace(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

export function inWords(seconds: number): string {
  const [number, noun] = seconds >= 60 ? [Math.round(seconds / 60), "minute"] : [seconds, "second"];
  return `${number} ${noun}${number === 1 ? "" : "s"} left.`;
}
