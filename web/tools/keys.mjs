// Writes src/i18n/keys.ts: the type of every text key, read from the Vietnamese texts.
// A key is the file's name followed by the path inside it: vi/room.json {"follow": {"on": …}} is "room.follow.on".
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL("../src/i18n/", import.meta.url));

/** Every dotted path to a string inside a text file. */
function paths(value, prefix) {
  if (typeof value === "string") return [prefix];
  return Object.entries(value).flatMap(([key, inner]) => paths(inner, `${prefix}.${key}`));
}

/** The Vietnamese text keys, sorted. Plural endings (_one, _other) belong to their stem. */
export function keys() {
  const found = readdirSync(`${here}vi`)
    .filter((name) => name.endsWith(".json"))
    .flatMap((name) => paths(JSON.parse(readFileSync(`${here}vi/${name}`, "utf8")), name.slice(0, -5)));
  return [...new Set(found.map((key) => key.replace(/_(one|other)$/, "")))].sort();
}

export function write() {
  const lines = keys().map((key) => `  | ${JSON.stringify(key)}`);
  const text = `// Written by tools/keys.mjs from the Vietnamese texts.\nexport type TextKey =\n${lines.join("\n")};\n`;
  const file = `${here}keys.ts`;
  // Left alone when it is right: other tools may be reading it just now.
  if (!existsSync(file) || readFileSync(file, "utf8") !== text) writeFileSync(file, text);
}

write();
