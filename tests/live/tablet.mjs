/**
 * A tablet without a screen: the product's own `LiveClient` over the real socket.io-client, run by Node.
 * Arguments: the server's address, a folder to bundle into, how many commands. Prints what it did as one line of JSON.
 */
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import path from "node:path";

const [origin, folder, wanted] = process.argv.slice(2);
const web = path.resolve("web");
const { rolldown } = await import(pathToFileURL(createRequire(path.join(web, "package.json")).resolve("rolldown")).href);

const entry = path.join(folder, "entry.ts");
writeFileSync(entry, `export * from ${JSON.stringify(`${web}/src/wire/live.ts`)};
export * from ${JSON.stringify(`${web}/src/wire/socket.ts`)};`);
const bundle = await rolldown({ input: entry, platform: "node" });
await bundle.write({ file: path.join(folder, "client.mjs"), format: "esm" });
const { LiveClient, socketsTo } = await import(pathToFileURL(path.join(folder, "client.mjs")).href);

const said = { versions: [], snapshots: 0, answers: [], steer: null, reports: [], offset: 0, statuses: {} };
const client = new LiveClient({
  ticket: async () => (await fetch(`${origin}/ticket`)).text(),
  endpoint: "node",
  open: socketsTo(origin),
  device: {
    now: () => Date.now(),
    later: (run, ms) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    random: Math.random,
    freshId: () => crypto.randomUUID(),
    onWake: () => () => undefined,
  },
  report: (what) => said.reports.push(what),
});
let version = 0;
client.follow("meeting:1", {
  onSnapshot: (_state, at) => {
    said.snapshots += 1;
    version = at;
  },
  onEvents: (events, at) => {
    said.versions.push(...events.map((event) => event.version));
    version = at;
  },
  onStatus: (topic, value) => (said.statuses[topic] = value),
});
client.start();
said.steer = await client.command("meeting:1", { type: "add", amount: 1000 });
const kept = [];
for (let n = 0; n < Number(wanted); n += 1) {
  kept.push(client.command("meeting:1", { type: "add", amount: 1 }, { keep: true }));
  await new Promise((resolve) => setTimeout(resolve, 5));
}
said.answers = await Promise.all(kept);
const last = Math.max(...said.answers.map((answer) => answer.version));
while (version < last) await new Promise((resolve) => setTimeout(resolve, 10));
said.offset = client.now() - Date.now();
client.stop();
console.log(JSON.stringify(said));
process.exit(0);
