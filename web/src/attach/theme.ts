/** Light or dark surfaces, kept on this device: tablets begin light, and a dim hall may want them dark. */
export type Theme = "light" | "dark";

const KEPT = "hopso.theme";

/** The theme in use; light when none was chosen. */
export function theme(): Theme {
  return localStorage.getItem(KEPT) === "dark" ? "dark" : "light";
}

/** Put the chosen theme on the page. */
export function applyTheme(): void {
  document.documentElement.classList.toggle("dark", theme() === "dark");
}

/** Keep the other theme, and show it; returns it. */
export function turnTheme(): Theme {
  localStorage.setItem(KEPT, theme() === "dark" ? "light" : "dark");
  applyTheme();
  return theme();
}
