import { render } from "@testing-library/svelte";
import { expect, test } from "vitest";
import { waitingList } from "../core/desk";
import { meeting, member, request, speech, withMembers } from "../deskexample";
import type { Amendment } from "../wire/types";
import AmendmentCard from "./AmendmentCard.svelte";
import AttendanceList from "./AttendanceList.svelte";
import AttendanceReading from "./AttendanceReading.svelte";
import DeskQueueRow from "./DeskQueueRow.svelte";
import FloorQueue from "./FloorQueue.svelte";
import SpeakerCard from "./SpeakerCard.svelte";

const AWAY = { state: "absent", since: 1, late: false, excused: true, reason: "", how: "", by: "" } as const;
const HERE = { ...AWAY, state: "site", excused: false } as const;

function sitting() {
  return meeting({
    ...withMembers(
      member("nghi", {
        name: "Phan Trọng Nghị",
        title: "Giám đốc Sở Xây dựng",
        attendance: AWAY,
        substituted_by: "quy",
      }),
      member("quy", { name: "Trần Đăng Quý", title: "Phó Giám đốc", attendance: HERE, substitute_for: "nghi" }),
      member("anh", { name: "Lò Văn Ánh", attendance: { ...HERE, state: "left", since: 1_795_391_520_000 } }),
    ),
    requests: [request("quy", 1)],
    speaking: speech("quy"),
  });
}

test("wherever a substitute is named, the member they came for stands beside", () => {
  const now = sitting();
  const row = waitingList(now, false)[0]!;
  const nothing = (): void => {};
  const asks = { number: 1, first: true, invites: true, busy: false, oninvite: nothing, onmove: nothing };
  const shown = [
    render(SpeakerCard, { meeting: now, offset: 0 }),
    render(FloorQueue, { meeting: now, me: "anh" }),
    render(DeskQueueRow, { meeting: now, waiting: row, ...asks }),
  ];
  for (const { container } of shown) expect(container.textContent).toContain("dự thay Phan Trọng Nghị");
});

test("in the register the chair reads title and unit, and the agency once", () => {
  const unit = "Sở Xây dựng tỉnh Lam Giang";
  const asks = { number: 1, first: true, invites: true, busy: false, oninvite: () => {}, onmove: () => {} };
  const says = (title: string): string => {
    const now = meeting({ ...withMembers(member("b", { title, unit })), requests: [request("b", 1)] });
    const { container } = render(DeskQueueRow, { meeting: now, waiting: waitingList(now, false)[0]!, ...asks });
    return container.querySelector(".who")?.textContent ?? "";
  };
  expect(says("Phó Giám đốc")).toBe(`Phó Giám đốc, ${unit}`);
  expect(says("Giám đốc Sở Xây dựng")).toBe("Giám đốc Sở Xây dựng");
});

test("who decides on an amendment reads for whom its author came", () => {
  const amendment = { person: "quy", paper: "p1", page: 1, place: "Điều 3", before: "60", after: "75" };
  const rest = { id: "a1", version: "", passage: 1, at: 1, reason: "", state: "open", reply: "" };
  const { container } = render(AmendmentCard, {
    meeting: sitting(),
    amendment: { ...amendment, ...rest } as Amendment,
  });
  expect(container.querySelector(".who")?.textContent).toContain(", dự thay Phan Trọng Nghị");
});

test("the list that is read out says who came for whom, and of the member who comes instead", () => {
  const base = { meeting: sitting(), onpresent: () => Promise.resolve(true), onclose: () => {} };
  const { container, getByText } = render(AttendanceReading, { ...base, open: true });
  expect(container.textContent).toContain("Trần Đăng Quý, Phó Giám đốc, dự thay Phan Trọng Nghị, Giám đốc Sở Xây dựng");
  getByText("Điểm danh từng người").click();
  return expect
    .poll(() => container.textContent)
    .toMatch(/Trần Đăng Quý dự thay.*Trần Đăng Quý, Phó Giám đốc, dự thay Phan Trọng Nghị/s);
});

test("of a substitute whose office nobody knows the name alone is read out", () => {
  const now = sitting();
  const quy = { ...now.members["quy"]!, title: "", unit: "" };
  const props = { meeting: { ...now, members: { ...now.members, quy } }, onpresent: () => Promise.resolve(true) };
  const { container } = render(AttendanceReading, { ...props, open: true, onclose: () => {} });
  expect(container.textContent).toContain("Trần Đăng Quý, dự thay Phan Trọng Nghị, Giám đốc Sở Xây dựng");
});

test("the attendance sheet says when somebody left, and keeps a substitute's own office", () => {
  const acts = { onpresent: () => Promise.resolve(true), onmore: () => {} };
  const { container } = render(AttendanceList, { meeting: sitting(), ...acts });
  expect(container.textContent).toContain("Phó Giám đốc, dự thay Phan Trọng Nghị");
  expect(container.textContent).toMatch(/Đã về \d\d:\d\d/);
});
