/** Counts the shown times down between two answers of the server, which alone decides what time it is. */
export function countdown(element: HTMLElement): void {
  const began = performance.now();
  const places = [...element.querySelectorAll<HTMLElement>("[data-seconds]")];
  const tick = window.setInterval(() => {
    if (!element.isConnected) {
      clearInterval(tick);
      return;
    }
    const passed = (performance.now() - began) / 1000;
    for (const place of places) {
      const left = Math.max(0, Math.round(Number(place.dataset["seconds"]) - passed));
      place.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    }
  }, 1000);
}
