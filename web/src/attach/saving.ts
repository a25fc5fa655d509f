/** Handing files over: the browser asks where to. */

/** Save what an address gives, under the name that comes with it. */
export function saveFrom(href: string, name = ""): void {
  const link = document.createElement("a");
  link.href = href;
  link.download = name;
  link.click();
}

/** Save a text under this name. */
export function saveText(name: string, text: string): void {
  const href = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  saveFrom(href, name);
  URL.revokeObjectURL(href);
}
