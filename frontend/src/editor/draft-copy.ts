/** File name -> text. */
export type Files = Record<string, string>;

/** What a browser keeps of a draft until the server has it. */
export interface Copy {
  /** When it was typed, ISO 8601. */
  at: string;
  files: Files;
}

export function sameFiles(a: Files, b: Files): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every((name) => a[name] === b[name]);
}

/** A copy as it was stored, or null when it is missing or damaged. */
export function readCopy(text: string | null): Copy | null {
  if (!text) return null;
  try {
    const copy = JSON.parse(text) as Partial<Copy>;
    if (typeof copy.at !== "string" || Number.isNaN(Date.parse(copy.at))) return null;
    if (typeof copy.files !== "object" || copy.files === null) return null;
    if (!Object.values(copy.files).every((part) => typeof part === "string")) return null;
    return { at: copy.at, files: copy.files };
  } catch {
    return null;
  }
}

/** Whether the copy holds something that the server's draft (saved at `savedAt`, "" = never) does not. */
export function worthOffering(copy: Copy, server: Files, savedAt: string): boolean {
  const known = Object.fromEntries(Object.entries(copy.files).filter(([name]) => name in server));
  if (Object.keys(known).length === 0 || sameFiles({ ...server, ...known }, server)) return false;
  return !savedAt || Date.parse(copy.at) > Date.parse(savedAt);
}
