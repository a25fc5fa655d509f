/** "Chỉ viết bằng bút": fingers only scroll and zoom. Chosen once, it is kept on this device. */
const KEPT = "hopso.pen-only";

export function penOnlyHere(): boolean {
  return localStorage.getItem(KEPT) === "1";
}

/** Keep the choice; returns it. */
export function keepPenOnly(only: boolean): boolean {
  localStorage.setItem(KEPT, only ? "1" : "0");
  return only;
}
