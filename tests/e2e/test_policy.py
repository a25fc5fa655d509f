"""Every screen in real Chromium under the content security policy: nothing is broken by it, and it does bite."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import Browser

from tests.e2e.house import ROOT, RealHouse
from tests.e2e.people import Somebody, lasting_tablet, tablet

pytestmark = pytest.mark.slow

LISTEN = """
  window.violations = [];
  document.addEventListener("securitypolicyviolation", (event) =>
    window.violations.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sample}`));
"""
PATHS = re.findall(r'^  "(/[^"]*)":', (ROOT / "web/src/paths.ts").read_text("utf-8"), re.MULTILINE)


async def _violations(somebody: Somebody, path: str) -> list[str]:
    """What the policy stopped on this screen, once everything it asked for has come."""
    await somebody.opens(path)
    await somebody.page.locator("#app :is(h1, h2, main):visible").first.wait_for()
    await somebody.page.wait_for_load_state("networkidle")
    found: list[str] = await somebody.page.evaluate("window.violations")
    return found


async def _way_in(secretary: Somebody, meeting: str, site: str) -> str:
    wanted = {"kind": "site", "who": site}
    return str((await secretary.asks("POST", f"/api/meetings/{meeting}/invitations", wanted))["code"])


@pytest.mark.timeout(400)
async def test_no_screen_does_what_the_policy_forbids(browser: Browser, house: RealHouse) -> None:
    chair, secretary = (
        await lasting_tablet(browser, house, "trungnq.ubnd"),
        await tablet(browser, house, "tratt.vpub"),
    )
    technician, at_site = await tablet(browser, house, "khanhhs.cds"), await tablet(browser, house, "")
    meeting = await chair.meeting()
    state = await chair.state(meeting)
    item, site = state["items"][1]["id"], next(iter(state["sites"]))
    paper = next(paper["id"] for paper in state["papers"].values() if paper["item"] == item)
    await chair.commands(meeting, type="attendance.arrive", place="room")
    await chair.commands(meeting, type="meeting.open", without_quorum=True)
    await chair.commands(meeting, type="item.start", item=item)
    await chair.commands(meeting, type="paper.show", paper=paper, page=2)
    await at_site.asks("POST", "/api/enter", {"code": await _way_in(secretary, meeting, site)})
    whose: dict[str, Somebody] = {
        "/chuan-bi/:meeting": secretary,
        "/thu-ky/:meeting": secretary,
        "/diem-cau/:meeting/:site": at_site,
        "/ky-thuat/:meeting": technician,
        "/tuong/:meeting": technician,
    }
    found: dict[str, Any] = {}
    for pattern in PATHS:
        somebody = whose.get(pattern, chair)
        await somebody.page.add_init_script(LISTEN)
        path = pattern.replace(":meeting", meeting).replace(":site", site)
        found[pattern] = await _violations(somebody, path)
    assert len(found) >= 10 and found == {pattern: [] for pattern in PATHS}
    for somebody in (chair, secretary, technician, at_site):
        assert somebody.complaints == []


async def test_what_is_put_into_a_page_is_neither_run_nor_sent_out(browser: Browser, house: RealHouse) -> None:
    chair = await lasting_tablet(browser, house, "trungnq.ubnd")
    await chair.page.add_init_script(LISTEN)
    await _violations(chair, "/")
    tried = await chair.page.evaluate(
        """async () => {
          const tries = {};
          // In a task of the page's own: what the debugger calls directly may evaluate.
          tries.eval = await new Promise((told) => setTimeout(() => {
            try { (0, eval)("1"); told("ran"); } catch (error) { told(error.name); }
          }));
          const script = document.createElement("script");
          script.textContent = "window.ran = true";
          document.body.append(script);
          document.body.insertAdjacentHTML("beforeend", '<img src=x onerror="window.ran = true">');
          tries.inline = window.ran ?? "stopped";
          tries.fetch = await fetch("https://example.invalid/").then(() => "sent", (error) => error.name);
          try { new WebSocket("wss://example.invalid/"); } catch (error) { tries.socket = error.name; }
          return tries;
        }"""
    )
    assert tried["eval"] == "EvalError" and tried["inline"] == "stopped" and tried["fetch"] == "TypeError"
    await chair.page.wait_for_function("window.violations.some((one) => one.includes('wss://example.invalid'))")
    stopped = " ".join(await chair.page.evaluate("window.violations"))
    assert "script-src" in stopped and "connect-src" in stopped
