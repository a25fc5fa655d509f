/**
 * Which screen answers which path. A screen is a file of that name in `screens/`, loaded when first asked for; the
 * words after a colon reach it as props.
 */
export const PATHS = {
  "/": "Calendar",
  "/dang-nhap": "SignIn",
  "/tai-khoan": "Account",
  "/tai-lieu-ca-nhan": "Folder",
  "/tai-lieu-ca-nhan/:paper": "FolderPaper",
  "/chuan-bi/:meeting": "Prepare",
  "/hop/:meeting": "Room",
  "/chu-toa/:meeting": "ChairDesk",
  "/thu-ky/:meeting": "SecretaryDesk",
  "/hoi-truong/:meeting": "Hall",
  "/diem-cau": "Sites",
  "/diem-cau/:meeting/:site": "Site",
  "/diem-danh/:meeting": "CheckIn",
  "/ky-thuat/:meeting": "Technician",
  "/tuong/:meeting": "Wall",
  "/ban-ghi/:meeting": "Playback",
  "/so-do/:meeting": "SeatPrint",
  "/phong-hop": "Rooms",
  "/quan-tri": "Admin",
  "/tim-kiem": "Search",
  "/gan-may": "TabletBind",
  "/cho-ngoi": "TabletSeat",
} as const satisfies Record<string, string>;

export type ScreenName = (typeof PATHS)[keyof typeof PATHS];
export type Params = Record<string, string>;

/** A word of an address as it is meant; empty where it is no encoding of anything. */
function decoded(word: string): string {
  try {
    return decodeURIComponent(word);
  } catch {
    return "";
  }
}

/** The words of a pattern found in a path, or null when they do not match. */
function match(pattern: string, path: string): Params | null {
  const wanted = pattern.split("/");
  const given = path.replace(/(.)\/$/, "$1").split("/");
  if (wanted.length !== given.length) return null;
  const params: Params = {};
  for (const [at, word] of wanted.entries()) {
    const written = given[at] ?? "";
    const meant = word.startsWith(":") ? decoded(written) : "";
    if (meant !== "") params[word.slice(1)] = meant;
    else if (word !== written) return null;
  }
  return params;
}

/** The screen for a path and its props; null when the house has no such room. */
export function screenAt(path: string): { screen: ScreenName; params: Params } | null {
  for (const [pattern, screen] of Object.entries(PATHS)) {
    const params = match(pattern, path);
    if (params) return { screen, params };
  }
  return null;
}
