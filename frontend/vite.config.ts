import { defineConfig } from "vite";

import { budget } from "./budget.ts";

export default defineConfig({
  base: "./",
  publicDir: false,
  plugins: [budget({ entry: "src/main.ts", scriptBytes: 25 * 1024, styleBytes: 15 * 1024 })],
  build: {
    manifest: "manifest.json",
    outDir: "dist",
    // The first browsers with light-dark(), nesting and container queries.
    target: ["chrome125", "firefox128", "safari17.5"],
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      input: ["src/main.ts", "src/theme.ts"],
      // htmx has one; its setting allowEval is off and the content security policy forbids it.
      checks: { eval: false },
    },
  },
});
