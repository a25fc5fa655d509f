/** What kind of house this is. */
import { ask } from "../wire/http";

/** Whether its province is invented and its passwords known; false while the server cannot be asked. */
export async function isDemo(): Promise<boolean> {
  try {
    return (await ask<{ demo: boolean }>("GET", "/api/about")).demo === true;
  } catch {
    return false;
  }
}
