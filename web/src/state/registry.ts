/** The register of sites, as its screen changes it. */
import type { RegisteredSite } from "../core/prepare";
import { ask } from "../wire/http";

/** Add a site, or write down anew what is known of it. */
export async function keepSite(site: RegisteredSite): Promise<void> {
  await ask("PUT", `/api/sites/${encodeURIComponent(site.id)}`, { body: site });
}
