/**
 * Node's socket.io as it comes: one room, one event a line of standard input. Arguments: certificate and key, or none.
 * What is drawn it passes on to those who can take it now; votes it keeps in memory and counts for nobody.
 */
import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { Server } from "socket.io";

const [cert, key] = process.argv.slice(2);
const web = cert
  ? https.createServer({ cert: readFileSync(cert), key: readFileSync(key) })
  : http.createServer();
const io = new Server(web, { path: "/live/", transports: ["websocket"], pingInterval: 5000, pingTimeout: 10000 });
const votes = new Map();
io.on("connection", (socket) => {
  socket.join("meeting:1");
  socket.on("hint", (told) => socket.volatile.to("meeting:1").emit("hint", [{ ...told, by: socket.id }]));
  socket.on("command", ({ command }, answer) => {
    votes.set(command.mandate, command.choice);
    answer({ ok: true, now: Date.now(), version: 0 });
  });
});

let version = 0;
const turn = () => {
  version += 1;
  const event = { stream: "meeting:1", version, at: Date.now(), by: "an", order_of: "", type: "page.turned" };
  io.to("meeting:1").emit("event", [{ ...event, data: { paper: "p1", page: version } }]);
};
process.stdin.on("data", (asked) => asked.forEach((octet) => octet === 10 && turn())).on("end", () => process.exit(0));

web.listen(0, "127.0.0.1", () => console.log(web.address().port));
