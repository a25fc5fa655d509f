/** What somebody is called beside their name. Pure. */

/** Title and unit; the unit is left out where the title names the agency already: "Giám đốc Sở Tài chính". */
export function officeOf({ title, unit }: { readonly title: string; readonly unit: string }): string {
  const agency = unit.split(" tỉnh ")[0] ?? "";
  const says = agency !== "" && (title.includes(unit) || (agency !== unit && title.includes(agency)));
  return [title, says ? "" : unit].filter(Boolean).join(", ");
}
