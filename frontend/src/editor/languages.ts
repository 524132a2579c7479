import { cpp } from "@codemirror/lang-cpp";
import { python } from "@codemirror/lang-python";
import type { Extension } from "@codemirror/state";
import { Decoration, type DecorationSet, type EditorView, MatchDecorator, ViewPlugin, type ViewUpdate } from "@codemirror/view";

const CUDA_WORDS =
  /\b(?:__(?:global|device|host|shared|constant|managed|restrict|noinline|forceinline|launch_bounds)__|__sync(?:threads|warp)\w*|__(?:shfl|ballot|any|all)\w*|(?:thread|block)Idx|(?:block|grid)Dim|warpSize|dim3|half2?|__half2?|__nv_bfloat16)\b/g;

const cudaWords = new MatchDecorator({ regexp: CUDA_WORDS, decoration: Decoration.mark({ class: "cm-cuda" }) });

const cuda = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;

    constructor(view: EditorView) {
      this.decorations = cudaWords.createDeco(view);
    }

    update(update: ViewUpdate): void {
      this.decorations = cudaWords.updateDeco(update, this.decorations);
    }
  },
  { decorations: (plugin) => plugin.decorations },
);

/** How a file is coloured and indented; unknown languages are plain text. */
export function languageOf(name: string, language: string): Extension {
  if (language === "python") return python();
  if (language === "cuda" || /\.cuh?$/.test(name)) return [cpp(), cuda];
  return language === "cpp" ? cpp() : [];
}
