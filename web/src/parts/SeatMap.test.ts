import { render, screen } from "@testing-library/svelte";
import { expect, test } from "vitest";
import { seatsWith } from "../core/seating";
import SeatMap from "./SeatMap.svelte";

test("where tablets are bound to seats, a seat without one is not said to be nobody's", () => {
  const seats = ["1", "2"].map((label, at) => ({ label, x: 2 * at, y: 0 }));
  const plan = { width: 6, height: 2, seats, tables: [] };
  const props = { plan, views: seatsWith(plan, ["2"]), label: "Phòng 1", onpick: () => undefined };
  render(SeatMap, { ...props, of: "tablets" });
  const said = screen.getAllByRole("button").map((one) => one.textContent?.replace(/\s+/g, " ").trim());
  expect(said.map((words) => words?.replace(/^\d+/, "").trim())).toEqual(["chưa có máy", "đã có máy"]);
});
