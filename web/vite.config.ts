/// <reference types="vitest/config" />
import { svelte } from "@sveltejs/vite-plugin-svelte";
import type { HtmlTagDescriptor, Plugin } from "vite";
import { defineConfig } from "vite";

/** The faces of the first paint: asked for by the HTML itself, before any style sheet is read. */
const FIRST_FACES = /be-vietnam-pro-(latin|vietnamese)-(400|600)-normal-[\w-]+\.woff2$/;

function preloadFaces(): Plugin {
  return {
    name: "hopso:preload-faces",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler: (_html, { bundle }): HtmlTagDescriptor[] =>
        Object.keys(bundle ?? {})
          .filter((file) => FIRST_FACES.test(file))
          .map((file) => ({
            tag: "link",
            attrs: { rel: "preload", as: "font", type: "font/woff2", crossorigin: "", href: `/${file}` },
            injectTo: "head",
          })),
    },
  };
}

/** Where the development server finds the running product. */
const server = process.env["HOPSO_SERVER"] ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [svelte(), preloadFaces()],
  build: {
    target: ["chrome90", "safari15", "firefox102"],
    manifest: true,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
  server: {
    proxy: {
      "/api": { target: server },
      "/pages": { target: server },
      "/live": { target: server, ws: true },
      "/socket.io": { target: server, ws: true },
    },
  },
  test: {
    // Files share what they load, a third of the time; `src/testing.ts` hands each an empty device.
    isolate: false,
    // Beside other work a machine stalls for seconds: patience tells only how late a fault is said.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: "pure",
          environment: "node",
          include: ["src/{core,wire,i18n}/**/*.test.ts", "src/*.test.ts"],
        },
      },
      {
        extends: true,
        resolve: { conditions: ["browser"] },
        test: {
          name: "screen",
          environment: "jsdom",
          include: ["src/{state,parts,ui,screens,attach}/**/*.test.ts"],
          setupFiles: ["src/testing.ts"],
        },
      },
    ],
  },
});
