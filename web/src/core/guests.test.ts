import { expect, test } from "vitest";
import { ballot, item, meeting, member, request, withBallots } from "../deskexample";
import { publicPart } from "./meeting";
import { hiddenFromSome, isOutside, isVeiled, limitedGuests, withoutItems } from "./guests";

const guest = member("khach", { roles: ["guest"], mandate: false, only_items: ["i1"] });
const items = [item("i1"), item("i2", { presenter: "b", conclusion: "Kín" })];
const base = meeting();
const standing = meeting({ items, members: { ...base.members, khach: guest }, requests: [request("b", 1)] });

test("a guest of one item makes the others no part of what everybody sees", () => {
  expect(limitedGuests(standing).map((one) => one.id)).toEqual(["khach"]);
  expect([...hiddenFromSome(standing)]).toEqual(["i2"]);
  const shared = publicPart({ ...standing, ...withBallots(ballot("v", { item: "i2" })) });
  expect(shared.items.map((one) => [one.title, one.presenter, one.conclusion])).toEqual([
    ["Nội dung i1", "", ""],
    ["Nội dung khác", "", ""],
  ]);
  expect(shared.ballots).toEqual({});
  expect(shared.items.map(isVeiled)).toEqual([false, true]);
});

test("a guest is outside while the meeting deals with an item that is told them as another one", () => {
  const now = meeting({ items: [item("i1"), item("i2", { state: "current" })] });
  expect([isOutside(now), isOutside(withoutItems(now, new Set(["i2"])))]).toEqual([false, true]);
  expect(isOutside(withoutItems(now, new Set(["i1"])))).toBe(false);
});

test("a guest who is somebody else too is not limited", () => {
  const members = { ...standing.members, khach: { ...guest, roles: ["guest", "secretary"] as const } };
  expect(limitedGuests({ ...standing, members })).toEqual([]);
  expect(limitedGuests({ ...standing, deputy: "khach" })).toEqual([]);
});

test("topics of hidden items are not told, and the register keeps its order", () => {
  const spoken = { ...standing, requests: [request("b", 1, { topic: "Điều kín" })] };
  expect(withoutItems(spoken, new Set(["i2"])).requests.map((one) => [one.person, one.topic])).toEqual([["b", ""]]);
  expect(withoutItems(spoken, new Set())).toBe(spoken);
});
