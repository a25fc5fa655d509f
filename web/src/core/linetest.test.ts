import { expect, test } from "vitest";
import { doorsOf, relayDoor } from "./linetest";

test("a relay's address is said as whoever owns a network opens it", () => {
  expect(relayDoor("turn:turn.tinh.example:3478?transport=udp")).toBe("UDP turn.tinh.example:3478");
  expect(relayDoor("turn:turn.tinh.example:3478?transport=tcp")).toBe("TCP turn.tinh.example:3478");
  expect(relayDoor("turns:turn.tinh.example:443?transport=tcp")).toBe("TLS turn.tinh.example:443");
  expect(relayDoor("turn:10.20.0.6")).toBe("UDP 10.20.0.6:3478");
  expect(relayDoor("turns:[2001:db8::6]")).toBe("TLS [2001:db8::6]:5349");
  expect(relayDoor("something else")).toBe("something else");
});

test("many relays are each named once, and never more than the house keeps", () => {
  expect(doorsOf([])).toBe("");
  expect(doorsOf(["turn:a?transport=udp", "turn:a", "turns:a:443"])).toBe("UDP a:3478, TLS a:443");
  const many = Array.from({ length: 40 }, (_, at) => `turn:turn${at}.hoinghi.tinh.example:3478?transport=tcp`);
  expect(doorsOf(many).length).toBe(600);
});
