/** Another network: Wi-Fi to 4G, a VPN on or off. Not every browser says so; lines notice by themselves a second later. */

import { networkChanged } from "../wire/stall";

/** The Network Information API, where there is one. */
interface WithAdapter {
  readonly connection?: EventTarget;
}

/** From now on lines hear of changes at once. */
export function watchNetwork(page: Window = window): void {
  page.addEventListener("online", networkChanged);
  (page.navigator as WithAdapter).connection?.addEventListener("change", networkChanged);
}
