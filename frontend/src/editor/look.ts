import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

// Every colour is a token of the design system, so light and dark need no second theme.
const theme = EditorView.theme({
  "&": { backgroundColor: "var(--surface)", color: "var(--ink)", fontSize: "0.8438rem", height: "100%" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.55", fontVariantLigatures: "none" },
  ".cm-content": { caretColor: "var(--accent)", paddingBlock: "0.75rem" },
  ".cm-cursor, .cm-dropCursor": { borderLeftColor: "var(--accent)", borderLeftWidth: "2px" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    background: "light-dark(#c9e4ea, #1f4450)",
  },
  ".cm-gutters": { backgroundColor: "var(--surface)", border: "0", color: "var(--ink-muted)" },
  ".cm-lineNumbers .cm-gutterElement": { minWidth: "2.6em", paddingInline: "0.5em" },
  ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--accent) 6%, transparent)" },
  ".cm-activeLineGutter": { backgroundColor: "transparent", color: "var(--ink-strong)" },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--accent-soft)", outline: "1px solid var(--accent-line)" },
  "&.cm-focused .cm-nonmatchingBracket": { backgroundColor: "var(--failed-soft)" },
  ".cm-selectionMatch": { backgroundColor: "var(--accent-soft)" },
  ".cm-searchMatch": { backgroundColor: "var(--waiting-soft)", outline: "1px solid var(--waiting-line)" },
  ".cm-searchMatch-selected": { backgroundColor: "var(--waiting-line)" },
  ".cm-foldPlaceholder": { backgroundColor: "var(--sunken)", border: "1px solid var(--line)", color: "var(--ink-muted)" },
  ".cm-panels": { backgroundColor: "var(--sunken)", color: "var(--ink)", borderColor: "var(--line)" },
  ".cm-panel.cm-search": { padding: "0.5rem 0.75rem", fontFamily: "var(--sans)" },
  ".cm-textfield": {
    backgroundColor: "var(--surface)",
    border: "1px solid var(--line-strong)",
    borderRadius: "var(--radius-small)",
    color: "var(--ink)",
    padding: "0.25rem 0.5rem",
  },
  ".cm-button": {
    backgroundColor: "var(--surface)",
    backgroundImage: "none",
    border: "1px solid var(--line-strong)",
    borderRadius: "var(--radius-small)",
    color: "var(--ink)",
    padding: "0.25rem 0.6rem",
  },
  ".cm-tooltip": {
    backgroundColor: "var(--raised)",
    border: "1px solid var(--line)",
    borderRadius: "var(--radius)",
    boxShadow: "var(--shadow)",
    color: "var(--ink)",
    maxWidth: "40rem",
  },
  ".cm-diagnostic": { padding: "0.4rem 0.75rem", fontFamily: "var(--mono)", fontSize: "0.8125rem", whiteSpace: "pre-wrap" },
  ".cm-diagnostic-error": { borderLeft: "3px solid var(--failed)" },
  ".cm-diagnostic-warning": { borderLeft: "3px solid var(--waiting)" },
  ".cm-lint-marker": { width: "0.6em", height: "0.6em", margin: "0.4em 0.2em", borderRadius: "50%", backgroundColor: "var(--accent)" },
  ".cm-lint-marker-error": { content: "none", backgroundColor: "var(--failed)" },
  ".cm-lint-marker-warning": { content: "none", backgroundColor: "var(--waiting)", borderRadius: "0" },
  ".cm-lintRange-error": { backgroundImage: "none", textDecoration: "underline wavy var(--failed)", textUnderlineOffset: "3px" },
  ".cm-lintRange-warning": { backgroundImage: "none", textDecoration: "underline wavy var(--waiting)", textUnderlineOffset: "3px" },
  "&.cm-merge-b .cm-changedLine, & .cm-inlineChangedLine": { backgroundColor: "var(--passed-soft)" },
  "&.cm-merge-b .cm-changedText": { background: "none", textDecoration: "underline 2px var(--passed-line)" },
  "& .cm-deletedChunk": { backgroundColor: "var(--failed-soft)", paddingInline: "0.375rem" },
  "& .cm-deletedChunk .cm-deletedText": { background: "none" },
  "&.cm-merge-b .cm-changedLineGutter": { background: "var(--passed)" },
  "&.cm-merge-b .cm-deletedLineGutter": { background: "var(--failed)" },
  ".cm-cuda": { color: "var(--code-macro)", fontWeight: "600" },
  ".cm-cuda *": { color: "inherit" },
});

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.modifier, tags.operatorKeyword, tags.controlKeyword], color: "var(--code-keyword)" },
  { tag: [tags.string, tags.character, tags.special(tags.string)], color: "var(--code-string)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--code-number)" },
  { tag: [tags.comment], color: "var(--code-comment)", fontStyle: "italic" },
  { tag: [tags.typeName, tags.className, tags.namespace, tags.standard(tags.typeName)], color: "var(--code-type)" },
  {
    tag: [tags.function(tags.variableName), tags.function(tags.propertyName), tags.definition(tags.function(tags.variableName))],
    color: "var(--code-name)",
  },
  { tag: [tags.processingInstruction, tags.macroName, tags.meta], color: "var(--code-macro)" },
  { tag: [tags.invalid], color: "var(--failed)" },
]);

/** The editor in the colours and the type of the site. */
export const look: Extension = [theme, syntaxHighlighting(colours)];
