import { type OutlineEntry, outlineFrom } from "../core/outline";
import { outlineUrl } from "../core/pages";

/** The paper's own table of contents, from the device where it is kept; none where there is none, or it cannot be had. */
export async function outlineOf(version: string, fetched: typeof fetch = fetch): Promise<readonly OutlineEntry[]> {
  try {
    const answer = await fetched(outlineUrl(version));
    return answer.ok ? outlineFrom(await answer.json()) : [];
  } catch {
    return []; // No network and not on the device: the pages are there all the same.
  }
}
