import { expect, test } from "vitest";
import { item, meeting, member, withMembers } from "../deskexample";
import { timeOf } from "./calendar";
import { BLANK } from "./meeting";
import * as prepare from "./prepare";

test("a short title stays; a long one loses the form of its paper and is cut at a word", () => {
  expect(prepare.shortTitle("Kết luận, bế mạc")).toBe("Kết luận, bế mạc");
  const long = [
    "Dự thảo Quyết định quy định mức hỗ trợ di dời dân cư ra khỏi vùng có nguy cơ cao xảy ra lũ quét, sạt lở đất",
    "Báo cáo tình hình thực hiện Kế hoạch phát triển kinh tế - xã hội năm 2026; mục tiêu, nhiệm vụ năm 2027",
    "Tờ trình về việc phân bổ bổ sung vốn đầu tư công năm 2026 cho các dự án trọng điểm",
    "x".repeat(80),
  ].map(prepare.shortTitle);
  expect(long.every((short) => short.length <= prepare.SHORT && short.length > 10)).toBe(true);
  expect(long[0]).toMatch(/^Mức hỗ trợ di dời dân cư/);
  expect(long[2]).toMatch(/^Phân bổ bổ sung vốn đầu tư công/);
});

test("a file's name becomes a title without its ending", () => {
  expect(prepare.titleOfFile("Tờ_trình_số_388-TTr-SNNMT.pdf")).toBe("Tờ trình số 388-TTr-SNNMT");
  expect(prepare.titleOfFile("Báo cáo quý IV.docx".normalize("NFD"))).toBe("Báo cáo quý IV");
});

test("what is missing before publishing blocks only where the server would refuse", () => {
  const far = timeOf("2026-12-31", "08:00");
  const bare = meeting({ phase: "draft", chair: "", items: [], starts_at: far, members: {} });
  const gaps = prepare.missing(bare, timeOf("2026-11-22", "08:00"));
  expect(gaps.filter((gap) => gap.blocking).map((gap) => gap.kind)).toEqual(["chair", "items"]);
  expect(gaps.map((gap) => gap.kind)).toContain("votes");
  const ready = meeting({ phase: "draft", deputy: "b", items: [], starts_at: far });
  expect(prepare.missing({ ...ready, items: [item("i1")] }, far).map((gap) => gap.kind)).toEqual([
    "items_without_papers",
    "notice",
  ]);
});

test("opening, break, conclusions and closing want no papers; whoever prepares has the last word", () => {
  const titles = ["Khai mạc phiên họp", "Kết luận, bế mạc", "Giải lao", "Báo cáo kết luận thanh tra", "Phương án"];
  const standing = meeting({
    phase: "draft",
    items: titles.map((title, at) => item(`i${at}`, { title, short: title })),
  });
  const bare = prepare.missing(standing, 0).find((gap) => gap.kind === "items_without_papers");
  expect(bare?.names).toBe("Báo cáo kết luận thanh tra; Phương án");
  expect(prepare.wantsPapers(item("x", { title: "Kết luận", kind: "content" }))).toBe(true);
  expect(prepare.wantsPapers(item("x", { title: "Phương án", kind: "procedure" }))).toBe(false);
});

test("once the meeting sits, only papers that cannot be read are still missing", () => {
  const paper = {
    id: "p",
    item: "i1",
    title: "Báo cáo",
    short: "Báo cáo",
    kind: "",
    state: "refused",
    problem: "paper.damaged",
  } as const;
  const rest = { version: "", pages: 0, readers: "all", named: [], screen_only: false } as const;
  const open = meeting({ phase: "open", deputy: "", papers: { p: { ...paper, ...rest } } });
  expect(prepare.missing(open, 0).map(({ kind, names }) => [kind, names])).toEqual([["papers_refused", "Báo cáo"]]);
});

test("three working days do not count the weekend", () => {
  const friday = timeOf("2026-11-20", "09:00");
  expect(prepare.workingDays(friday, timeOf("2026-11-24", "08:00"))).toBe(1);
  expect(prepare.workingDays(friday, timeOf("2026-11-26", "08:00"))).toBe(3);
});

test("a part becomes roles and a vote, and is read back from them", () => {
  const parts = ["member", "delegate", "guest", "secretary", "technician"] as const;
  expect(parts.map((part) => prepare.partOf(member("x", prepare.rolesFor(part))))).toEqual([...parts]);
});

test("an item moves one step up or down, and not beyond the ends", () => {
  const { items } = meeting();
  expect(prepare.moveTarget(items, "i2", -1)).toEqual({ before: "i1" });
  expect(prepare.moveTarget(items, "i1", 1)).toEqual({ before: "i3" });
  expect(prepare.moveTarget(items, "i2", 1)).toEqual({ before: "" });
  expect(prepare.moveTarget(items, "i1", -1)).toBeNull();
  expect(prepare.moveTarget(items, "i3", 1)).toBeNull();
});

test("a new site gets a free code", () => {
  const standing = meeting(withMembers(member("diem-cau-3")));
  expect(prepare.freshSiteId(standing)).toBe("diem-cau-4");
});

const REGISTERED = {
  id: "so-yt",
  unit: "so-yt",
  name: "Sở Y tế",
  short: "Sở Y tế",
  order: 17,
  main: true,
  room: "Phòng họp tầng 4",
  technician: "hungtk",
  technician_name: "Trần Khắc Hưng",
  telephones: ["0230 000 4117", "0912 000 117"],
  spare_line: "",
  places: 0,
  retired: false,
  equipment: [],
  codec: "",
};

test("a site of the register joins with its room, its technician and the first telephone; a second main site as a branch", () => {
  const site = prepare.siteFrom(REGISTERED, BLANK);
  expect(site).toMatchObject({ id: "so-yt", technician: "Trần Khắc Hưng", telephone: "0230 000 4117", main: true });
  const meeting = { ...BLANK, sites: { ubnd: { ...site, id: "ubnd" } } };
  expect(prepare.siteFrom(REGISTERED, meeting).main).toBe(false);
  expect(prepare.notJoined([REGISTERED], meeting)).toEqual([REGISTERED]);
  expect(prepare.notJoined([REGISTERED], { ...BLANK, sites: { "so-yt": site } })).toEqual([]);
});
