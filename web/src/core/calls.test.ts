import { expect, test } from "vitest";
import { meeting, member } from "../deskexample";
import type { Call } from "../wire/types";
import { callLines, mayCall, ownCall } from "./calls";

const call = (id: string, by: string, at: number, answered_by = ""): Call => ({
  id,
  by,
  kind: "technician",
  note: "",
  at,
  answered_by,
  answered_at: 0,
});

test("calls nobody has answered come first, with where to go and how long they wait", () => {
  const base = meeting();
  const members = { ...base.members, c: member("c", { site: "so-yt", seat: "B2" }) };
  const calls = { x: call("x", "c", 0, "kt"), y: call("y", "so-yt", 60_000) };
  const lines = callLines({ ...base, members, calls }, 200_000);
  expect(lines.map(({ call: { id }, name, place, minutes }) => [id, name, place, minutes])).toEqual([
    ["y", "Sở Y tế", "", 2],
    ["x", "Người c", "Sở Y tế · B2", 3],
  ]);
});

test("my own call is found by its kind, and calls are made from publication to the closing", () => {
  const standing = meeting({ calls: { x: call("x", "a", 0) } });
  expect([ownCall(standing, "a", "technician")?.id, ownCall(standing, "a", "service")]).toEqual(["x", null]);
  const phases = ["draft", "published", "open", "break", "closed"] as const;
  expect(phases.map((phase) => mayCall({ ...standing, phase }))).toEqual([false, true, true, true, false]);
});
