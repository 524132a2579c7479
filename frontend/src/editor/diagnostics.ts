import { type Diagnostic, setDiagnostics } from "@codemirror/lint";
import type { Text } from "@codemirror/state";
import type { EditorView } from "@codemirror/view";

/** A compiler's message as the grader reports it; lines and columns count from 1, column 0 = unknown. */
interface Reported {
  file: string;
  line: number;
  column: number;
  severity: string;
  message: string;
}

/** Marks in a file what the compiler said of it; returns how many messages there are. */
export function showDiagnostics(view: EditorView, file: string, json: string): number {
  const all = JSON.parse(json) as Reported[];
  const mine = all.filter((one) => one.file === file || one.file.endsWith(`/${file}`));
  const marks = mine.map((one) => mark(view.state.doc, one)).sort((a, b) => a.from - b.from);
  view.dispatch(setDiagnostics(view.state, marks));
  return mine.length;
}

function mark(doc: Text, reported: Reported): Diagnostic {
  const line = doc.line(Math.min(Math.max(reported.line, 1), doc.lines));
  const from = Math.min(line.from + Math.max(reported.column - 1, 0), line.to);
  const word = /^\w+/.exec(line.text.slice(from - line.from));
  const to = reported.column > 0 ? from + (word?.[0].length ?? 1) : line.to;
  const severity = /warning/i.test(reported.severity) ? "warning" : /note|info/i.test(reported.severity) ? "info" : "error";
  return { from, to: Math.min(Math.max(to, from), line.to), severity, message: reported.message };
}
