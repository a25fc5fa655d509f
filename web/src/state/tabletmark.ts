/** That this device is a shared one on a seat, as it knows of itself; what it may do, the server's cookie decides. */
const MARK = "hopso.tablet";

export function tabletHere(): boolean {
  return localStorage.getItem(MARK) !== null;
}

/** This device is bound to a seat; null: to none any more. */
export function markTablet(seat: string | null): void {
  if (seat === null) localStorage.removeItem(MARK);
  else localStorage.setItem(MARK, seat);
}
