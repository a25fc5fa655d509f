"""A screen as everybody must be able to use it: axe finds nothing, targets are large, nothing is cut or covered."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Page, expect

from tests.e2e.house import ROOT

AXE = ROOT / "web/node_modules/axe-core/axe.min.js"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
OF_A_LOOK = ["color-contrast", "target-size"]
"""What axe can find anew in another look at the same page."""
RUN = """async (what) => (await axe.run(document, { runOnly: what, resultTypes: ["violations"] })).violations.map(
  ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`)"""
TOO_SMALL = """() => [...document.querySelectorAll("button, a[href], select, input:not([type=hidden]), [role=radio]")]
  .filter((one) => one.checkVisibility())
  .map((one) => {
    const { width, height } = (one.closest("label") ?? one).getBoundingClientRect();
    const around = getComputedStyle(one, "::before");
    const more = around.content === "none" || around.position !== "absolute" ? 0 : -2 * parseFloat(around.top);
    const name = one.getAttribute("aria-label") ?? one.textContent.trim();
    return [name, Math.round(width + more), Math.round(height + more)];
  })
  .filter(([, width, height]) => width < 44 || height < 44)"""
"""What a finger misses: WCAG asks for 24 px, we for 44."""
COVERED = """() => document.querySelector("dialog[open]") ? [] :
  [...document.querySelectorAll("footer button, [role=toolbar] button")]
  .filter((one) => one.checkVisibility())
  .filter((one) => {
    const { left, width, top, height } = one.getBoundingClientRect();
    return !one.contains(document.elementFromPoint(left + width / 2, top + height / 2));
  })
  .map((one) => one.getAttribute("aria-label") ?? one.textContent.trim())"""
"""Tools that lie under others, or outside: where a bar has too little room."""
SIDEWAYS = "document.documentElement.scrollWidth - innerWidth"


LOOKS = ((False, 1, WCAG), (True, 1.25, OF_A_LOOK))
"""Light as it comes; dark with larger text. With what axe is asked there."""
LOOK = """async ([isDark, scale]) => {
  const root = document.documentElement;
  root.classList.toggle("dark", isDark);
  root.style.setProperty("--text-scale", String(scale));
  await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
  await Promise.allSettled(document.getAnimations().map((one) => one.finished));
}"""


async def is_usable(page: Page) -> None:
    """What the machine can see of it in either look; the rest is looked at in docs/screens."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(Path(AXE).read_text("utf-8"))
    for look in LOOKS:
        await page.evaluate(LOOK, look)
        found = {
            "axe": await page.evaluate(RUN, look[2]),
            "too small": await page.evaluate(TOO_SMALL),
            "covered": await page.evaluate(COVERED),
            "too wide": max(0, await page.evaluate(SIDEWAYS)),
        }
        assert not any(found.values()), (look, found)
    await page.evaluate(LOOK, LOOKS[0])


async def opened_is_usable(page: Page, button: str, words: str) -> None:
    """What this button opens, once these words are in it; closed again as by whoever changes their mind."""
    await page.get_by_role("button", name=button).first.click()
    dialog = page.locator("dialog[open]").last
    await expect(dialog.get_by_text(words).first).to_be_visible()
    await is_usable(page)
    await page.keyboard.press("Escape")
    await expect(page.locator("dialog[open]")).to_have_count(0)
