import { describe, expect, it } from "vitest";
import type { RegisteredSite } from "./prepare";
import { notJoined } from "./prepare";
import { BLANK } from "./meeting";
import { findSites, keepsSites, mayChange, siteOf, typedOf, unitsToAdd } from "./registry";

const SITE: RegisteredSite = {
  id: "so-yt",
  unit: "so-yt",
  name: "Sở Y tế",
  short: "Sở Y tế",
  order: 2,
  main: false,
  room: "Phòng họp tầng 4",
  technician: "hoan",
  technician_name: "Đỗ Văn Hoàn",
  telephones: ["0230 000 4117", "0912 000 117"],
  spare_line: "0230 000 9117",
  places: 14,
  equipment: ["Camera xoay PTZ: 1", "Micrô đa hướng: 2"],
  codec: "",
  retired: false,
};
const OTHER: RegisteredSite = {
  ...SITE,
  id: "xa-tx",
  unit: "xa-tx",
  name: "Xã Thường Xuân",
  short: "Thường Xuân",
  order: 1,
  telephones: [],
};
const who = (offices: string[], unit = "", person = "p") => ({ person, unit, offices, only_meeting: "" });
const units = (id: string): string => ({ "so-yt": "Sở Y tế", "xa-tx": "Ủy ban nhân dân xã Thường Xuân" })[id] ?? "";

describe("a site is found", () => {
  it.each([
    ["thuong xuan", ["xa-tx"]],
    ["hoan so y", ["so-yt"]],
    ["0912000117", ["so-yt"]],
    ["camera", ["xa-tx", "so-yt"]],
    ["", ["xa-tx", "so-yt"]],
    ["không có", []],
  ])("by %s", (typed, ids) => {
    expect(findSites([SITE, OTHER], typed, units).map((site) => site.id)).toEqual(ids);
  });
});

describe("the register is kept", () => {
  it("by administrators and technicians of the organisation, not by guests", () => {
    expect([who(["system"]), who(["technician"]), who(["unit"])].every(keepsSites)).toBe(true);
    expect([who(["secretary"]), { ...who(["system"]), only_meeting: "m" }, null].some(keepsSites)).toBe(false);
  });

  it("each site by whom it belongs to, as the server says", () => {
    expect(mayChange(SITE, who(["system"]))).toBe(true);
    expect(mayChange(SITE, who(["technician"], "so-yt"))).toBe(true);
    expect(mayChange(SITE, who(["technician"], "khac", "hoan"))).toBe(true);
    expect(mayChange(SITE, who(["unit"], "khac"))).toBe(false);
    expect(mayChange({ ...SITE, unit: "" }, who(["unit"]))).toBe(false);
    expect(mayChange(SITE, who(["secretary"], "so-yt"))).toBe(false);
  });

  it("and added in one's own unit", () => {
    const known = ["so-yt", "xa-tx"].map((id) => ({
      id,
      name: id,
      short: "",
      kind: "",
      parent: "",
      order: 1,
      retired: false,
    }));
    expect(unitsToAdd(known, who(["technician"], "so-yt")).map((one) => one.id)).toEqual(["so-yt"]);
    expect(unitsToAdd(known, who(["system"]))).toHaveLength(2);
  });
});

describe("what is typed", () => {
  it("gives back the same site where nothing was changed", () => {
    expect(siteOf(typedOf(SITE, [SITE]), SITE, [SITE])).toEqual(SITE);
  });

  it("gives a new site the next place and a free id of its unit", () => {
    const typed = {
      ...typedOf(null, [SITE, OTHER]),
      unit: "so-yt",
      name: " Hội trường ",
      telephones: "1234567; ; 7654321",
    };
    const made = siteOf(typed, null, [SITE, OTHER]);
    expect([made.id, made.order, made.name]).toEqual(["so-yt-2", 3, "Hội trường"]);
    expect(made.telephones).toEqual(["1234567", "7654321"]);
  });

  it("lets another name on duty lose the account of the one before", () => {
    const typed = { ...typedOf(SITE, [SITE]), technician_name: "Người khác" };
    expect(siteOf(typed, SITE, [SITE]).technician).toBe("");
    const chosen = { ...typed, technician: "khach.cds", account_name: "Người khác" };
    expect(siteOf(chosen, SITE, [SITE])).toMatchObject({ technician: "khach.cds", technician_name: "Người khác" });
    expect(siteOf({ ...chosen, technician: "" }, SITE, [SITE]).technician).toBe("");
  });
});

it("a meeting is offered the sites in use, in protocol order", () => {
  const known = [SITE, OTHER, { ...SITE, id: "cu", order: 0, retired: true }];
  expect(notJoined(known, BLANK).map((site) => site.id)).toEqual(["xa-tx", "so-yt"]);
});
