const NEAR_END = 24;
const left = new Map<string, number>();

/** Keeps a growing log at its end, unless the reader has scrolled up to read. */
export function liveLog(log: HTMLElement): void {
  const atEnd = (): boolean => log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_END;
  const toEnd = (): void => {
    log.scrollTop = log.scrollHeight;
  };
  const back = document.createElement("button");
  back.type = "button";
  back.className = "button button-small log-view-end";
  back.textContent = "To the end";
  back.hidden = true;
  back.addEventListener("click", toEnd);
  log.append(back);

  const kept = left.get(log.id);
  let follow = kept === undefined;
  if (kept === undefined) toEnd();
  else log.scrollTop = kept;
  back.hidden = follow || atEnd();

  log.addEventListener("scroll", () => {
    follow = atEnd();
    back.hidden = follow;
    if (!log.id) return;
    if (follow) left.delete(log.id);
    else left.set(log.id, log.scrollTop);
  });
  const watcher = new MutationObserver(() => {
    if (follow) toEnd();
  });
  watcher.observe(log, { childList: true, characterData: true, subtree: true });
  // A log in a tab that is not open has no height until it is.
  new ResizeObserver(() => {
    if (follow) toEnd();
  }).observe(log);
}
