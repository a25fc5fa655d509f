// Builds the service worker as one classic script at the root, after the application, so that it knows the shell's files.
import { readFileSync } from "node:fs";
import type { Manifest } from "vite";
import { defineConfig } from "vite";

/** What must be there without a network: the entry, what it imports at once, and the room with its parts. */
function shell(): string[] {
  const manifest = JSON.parse(readFileSync("dist/.vite/manifest.json", "utf8")) as Manifest;
  const wanted = new Set<string>();
  const want = (key: string): void => {
    const chunk = manifest[key];
    if (!chunk || wanted.has(chunk.file)) return;
    for (const file of [chunk.file, ...(chunk.css ?? []), ...(chunk.assets ?? [])]) wanted.add(file);
    for (const inner of chunk.imports ?? []) want(inner);
  };
  want("index.html");
  const screens = ["src/screens/Room.svelte", "src/screens/SignIn.svelte"];
  for (const key of [...screens, "src/i18n/vi.ts", "src/i18n/en.ts", "src/i18n/errors.ts"]) want(key);
  // The face of papers is for writing minutes, not for reading pages, which are pictures.
  const files = [...wanted].filter((file) => !/tinos-.*\.woff2$/.test(file));
  return ["/", ...files.map((file) => `/${file}`)].sort();
}

export default defineConfig(({ command }) => ({
  publicDir: false,
  define: { __SHELL__: JSON.stringify(command === "build" ? shell() : []) },
  build: {
    target: ["chrome90", "safari15", "firefox102"],
    emptyOutDir: false,
    lib: { entry: "src/sw.ts", formats: ["iife"], name: "hopso", fileName: () => "sw.js" },
  },
}));
