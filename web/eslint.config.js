import js from "@eslint/js";
import svelte from "eslint-plugin-svelte";
import globals from "globals";
import ts from "typescript-eslint";
import svelteConfig from "./svelte.config.js";

const DOM = ["document", "window", "navigator", "localStorage", "sessionStorage", "indexedDB", "location", "history"];
const noDom = DOM.map((name) => ({ name, message: "core and wire know no page: take what is needed as a parameter." }));
const noNet = ["fetch", "WebSocket", "XMLHttpRequest"].map((name) => ({
  name,
  message: "core does no input or output.",
}));

/** Forbid imports by pattern, with the reason. */
const imports = (...patterns) => ({ "no-restricted-imports": ["error", { patterns }] });
const framework = {
  group: ["svelte", "svelte/*", "*.svelte", "*.svelte.ts"],
  message: "core and wire know no framework.",
};
const outward = {
  group: ["**/state/*", "**/screens/*", "**/parts/*", "**/ui/*"],
  message: "core and wire stand below.",
};
const state = { group: ["**/state/*", "**/screens/*"], message: "parts get props, not state." };

export default ts.config(
  { ignores: ["dist", "node_modules", ".svelte-check", "src/i18n/keys.ts", "src/wire/types.ts"] },
  js.configs.recommended,
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  {
    languageOptions: { globals: { ...globals.browser } },
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      // TypeScript says what is unused (noUnusedLocals, noUnusedParameters), and this rule is slow.
      "@typescript-eslint/no-unused-vars": "off",
      "max-depth": ["error", 3],
      "max-params": ["error", 5],
      "max-lines": ["error", 300],
      eqeqeq: "error",
      // TypeScript knows undefined names better than this rule does.
      "no-undef": "off",
    },
  },
  {
    files: ["**/*.svelte", "**/*.svelte.ts"],
    languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } },
    rules: {
      // The product has no router library: App.svelte answers every path.
      "svelte/no-navigation-without-resolve": "off",
      "svelte/no-at-html-tags": "error",
      // Sets and maps here are replaced whole, never changed.
      "svelte/prefer-svelte-reactivity": "off",
      // A style attribute in markup is refused by the content security policy; style: directives go through the CSSOM.
      "no-restricted-syntax": [
        "error",
        {
          selector: "SvelteAttribute[key.name='style']",
          message: "Use style:name={value}: the policy refuses style attributes.",
        },
      ],
    },
  },
  { files: ["**/*.svelte"], rules: { "max-lines": ["error", 200] } },
  {
    files: ["src/core/**/*.ts"],
    rules: {
      "no-restricted-globals": ["error", ...noDom, ...noNet],
      ...imports(framework, outward, {
        group: ["**/wire/*"],
        allowTypeImports: true,
        message: "core takes only types from wire.",
      }),
    },
  },
  {
    files: ["src/wire/**/*.ts"],
    rules: { "no-restricted-globals": ["error", ...noDom], ...imports(framework, outward) },
  },
  { files: ["src/parts/**", "src/ui/**"], rules: imports(state) },
  {
    files: ["**/*.test.ts", "src/testing.ts"],
    rules: { "max-lines": "off", "no-restricted-globals": "off", "no-restricted-imports": "off" },
  },
  { files: ["tools/**", "*.config.ts", "*.config.js"], languageOptions: { globals: globals.node } },
);
