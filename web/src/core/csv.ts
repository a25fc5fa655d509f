/** Tables for spreadsheets. Pure. */

/** A table as CSV: UTF-8 with the mark that Excel asks for. */
export function csv(rows: readonly (readonly (string | number)[])[]): string {
  return "\ufeff" + rows.map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}

/** What a spreadsheet takes for the beginning of a formula is said to be text (OWASP: CSV injection). */
function cell(value: string | number): string {
  const text = typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** What Windows takes in no file's name is left out; titles may be long. */
export function fileName(...words: readonly string[]): string {
  const shown = words.map((word) => (word.length > 100 ? `${word.slice(0, 100).trimEnd()}…` : word));
  return `${shown
    .join(" - ")
    .replace(/[/\\:*|]/g, "-")
    .replace(/[?"<>]/g, "")}.csv`;
}
