/** Where the reader is: the path of the address bar, as state. `go` moves without loading the page again. */
class Place {
  path = $state(location.pathname);

  constructor() {
    addEventListener("popstate", () => (this.path = location.pathname));
  }

  go(path: string, { replace = false }: { replace?: boolean } = {}): void {
    history[replace ? "replaceState" : "pushState"](null, "", path);
    this.path = location.pathname;
    scrollTo(0, 0);
  }
}

export const place = new Place();

/** Turn plain clicks on links inside the house into moves; everything else stays the browser's. */
export function followLinks(event: MouseEvent): void {
  const link = (event.target as Element | null)?.closest?.("a[href]");
  if (!(link instanceof HTMLAnchorElement)) return;
  const modified = event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
  const outside = link.origin !== location.origin || link.target !== "" || link.hasAttribute("download");
  if (modified || outside || event.defaultPrevented || /^\/(api|pages|cai-dat)\b/.test(link.pathname)) return;
  event.preventDefault();
  place.go(link.pathname + link.search + link.hash);
}
