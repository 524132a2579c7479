import { closeBrackets, closeBracketsKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, foldGutter, foldKeymap, indentOnInput, indentUnit } from "@codemirror/language";
import { lintGutter, lintKeymap } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState, Prec, StateEffect, type Extension } from "@codemirror/state";
import {
  drawSelection,
  dropCursor,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
  rectangularSelection,
} from "@codemirror/view";

import { languageOf } from "./languages.ts";
import { look } from "./look.ts";

interface Options {
  nonce: string;
  changed: () => void;
  submit: () => void;
}

/** One file: a CodeMirror view in front of the textarea that carries its text in the form. */
export class FileView {
  readonly name: string;
  readonly element: HTMLElement;
  readonly view: EditorView;
  /** What the lab handed out, when the page says so. */
  readonly starter: string | null;

  constructor(source: HTMLTextAreaElement, options: Options) {
    this.name = source.name.slice("file:".length);
    this.starter = starterOf(source);
    this.element = document.createElement("div");
    this.element.className = "editor-view";
    this.view = new EditorView({
      parent: this.element,
      doc: source.value,
      extensions: [
        EditorView.cspNonce.of(options.nonce),
        Prec.highest(
          keymap.of([
            {
              key: "Mod-Enter",
              run: () => {
                options.submit();
                return true;
              },
            },
          ]),
        ),
        behaviour(source.readOnly),
        languageOf(this.name, source.dataset["language"] ?? ""),
        look,
        EditorView.contentAttributes.of({
          "aria-label": `${this.name}. Press Escape and then Tab to leave the editor.`,
          // It takes the focus without, but programs that check pages do not know that.
          tabindex: "0",
        }),
        EditorView.updateListener.of((update) => {
          if (!update.docChanged) return;
          source.value = update.state.doc.toString();
          options.changed();
        }),
      ],
    });
  }

  get text(): string {
    return this.view.state.doc.toString();
  }

  /** Adds behaviour for good. */
  extend(extension: Extension): void {
    this.view.dispatch({ effects: StateEffect.appendConfig.of(extension) });
  }

  /** Replaces the whole text as one step that can be undone. */
  write(text: string): void {
    if (text === this.text) return;
    this.view.dispatch({ changes: { from: 0, to: this.view.state.doc.length, insert: text } });
  }
}

function behaviour(readOnly: boolean): Extension {
  return [
    lineNumbers(),
    lintGutter(),
    foldGutter({ openText: "▾", closedText: "▸" }),
    highlightSpecialChars(),
    history(),
    drawSelection(),
    dropCursor(),
    EditorState.allowMultipleSelections.of(true),
    EditorState.readOnly.of(readOnly),
    EditorState.tabSize.of(4),
    indentUnit.of("    "),
    indentOnInput(),
    bracketMatching(),
    closeBrackets(),
    rectangularSelection(),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    highlightSelectionMatches(),
    keymap.of([
      ...closeBracketsKeymap,
      ...defaultKeymap,
      ...searchKeymap,
      ...historyKeymap,
      ...foldKeymap,
      ...lintKeymap,
      indentWithTab,
    ]),
  ];
}

function starterOf(source: HTMLTextAreaElement): string | null {
  const selector = source.dataset["starter"];
  const text = selector ? document.querySelector(selector)?.textContent : null;
  if (!text) return null;
  const starter: unknown = JSON.parse(text);
  return typeof starter === "string" ? starter : null;
}
