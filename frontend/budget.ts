import { gzipSync } from "node:zlib";

import type { Plugin } from "vite";

interface Limits {
  entry: string;
  /** Compressed bytes of script that every page loads. */
  scriptBytes: number;
  /** Compressed bytes of style that every page loads. */
  styleBytes: number;
}

/** Fails the build when what every page loads outgrows its limits. */
export function budget(limits: Limits): Plugin {
  return {
    name: "budget",
    apply: "build",
    generateBundle(_options, bundle) {
      let script = 0;
      let style = 0;
      const chunks = Object.values(bundle).filter((part) => part.type === "chunk");
      const entry = chunks.find((part) => part.facadeModuleId?.endsWith(limits.entry));
      if (!entry) this.error(`no chunk for ${limits.entry}`);
      const needed = new Set([entry.fileName, ...entry.imports]);
      for (const part of Object.values(bundle)) {
        if (part.type === "chunk" && needed.has(part.fileName)) script += gzipSync(part.code).length;
        if (part.type === "asset" && part.fileName.endsWith(".css")) style += gzipSync(part.source).length;
      }
      this.info(`every page: ${script} bytes of script, ${style} bytes of style (gzip)`);
      if (script > limits.scriptBytes) this.error(`script is ${script} bytes, the limit is ${limits.scriptBytes}`);
      if (style > limits.styleBytes) this.error(`style is ${style} bytes, the limit is ${limits.styleBytes}`);
    },
  };
}
