"""The joints that need a running house: rights to papers and ink, invitations, the outbox key, the meter."""

from __future__ import annotations

import asyncio

from server.http import Visitor
from tests.e2e.small import MEETING, SITE, SmallHouse

ABOUT = {"title": "Hội ý", "form": "room", "place": "Phòng 2", "starts_at": 1, "ends_at": 2}


def visitor(who: str, *offices: str) -> Visitor:
    return Visitor(who, "s", who.title(), "ubnd", frozenset(offices))


async def test_ink_layers_follow_from_the_role_and_a_paper_one_may_not_read_has_none(small: SmallHouse) -> None:
    rights, version = small.house.paper_rights, small.lies.versions
    written = {who: await rights.layer_rights(visitor(who), version["all"]) for who in ("chair", "delegate", SITE)}
    assert written["chair"].write == {"mine", "desk", "all"} and written["chair"].tidies
    assert written["delegate"].write == {"mine", "desk"} and not written["delegate"].tidies
    assert "desk" not in written["delegate"].read and "desk" in written["chair"].read
    for who, readers in (("guest", "members"), ("delegate", "named"), ("stranger", "all")):
        found = await rights.layer_rights(visitor(who), version[readers])
        assert (found.read, found.write) == (frozenset(), frozenset()), who


async def test_papers_are_added_by_those_who_prepare_or_steer_until_the_meeting_is_closed(small: SmallHouse) -> None:
    rights = small.house.paper_rights
    may = {who: await rights.may_write(visitor(who), MEETING) for who in ("secretary", "chair", "delegate", "stranger")}
    assert may == {"secretary": True, "chair": True, "delegate": False, "stranger": False}
    assert (await (await small.caller("chair")).commands("meeting.close"))[0] == 200
    assert not await rights.may_write(visitor("secretary"), MEETING)


async def test_a_paper_for_named_readers_is_stamped_with_the_readers_name_and_not_handed_out(small: SmallHouse) -> None:
    rights, lies = small.house.paper_rights, small.lies
    handling = await rights.handling(visitor("second"), lies.papers["named"])
    assert handling.stamp.startswith("Second · ") and not handling.may_save
    assert not (await rights.handling(visitor("second"), lies.papers["all"])).stamp


async def test_whoever_administers_the_host_prepares_papers_and_reads_no_restricted_one_of_a_published_meeting(
    small: SmallHouse,
) -> None:
    rights, papers = small.house.paper_rights, small.lies.papers
    may = {who: await rights.may_read(visitor("stranger", "unit"), papers[who]) for who in papers}
    assert may == {"all": True, "members": False, "named": False}
    secretary = await small.caller("secretary")
    assert (await secretary.commands("paper.detach", paper=papers["named"]))[0] == 200
    assert not await rights.may_read(visitor("stranger", "unit"), papers["named"]), "nor by taking it off"
    assert await rights.may_read(visitor("secretary"), papers["named"])
    assert not (await rights.handling(visitor("secretary"), papers["named"])).may_save


async def test_a_paper_for_the_screen_only_is_read_by_all_and_taken_along_by_nobody(small: SmallHouse) -> None:
    """Neither its file nor the marks on it nor its words, not even the desk; and all of it again when it is let go."""
    paper, version = small.lies.papers["all"], small.lies.versions["all"]
    taken = [
        f"/api/papers/{paper}/{name}"
        for name in ("original", "annotated.pdf", "annotated.pdf?flat=1", "annotated.xfdf")
    ] + [f"/pages/{version}/1/text.json", f"/api/meetings/{MEETING}/papers/{paper}/passages"]
    secretary = await small.caller("secretary")
    readers = [secretary, *[await small.caller(who) for who in ("chair", "delegate")]]
    assert (await secretary.commands("paper.restrict", paper=paper, screen_only=True))[0] == 200
    for reader in readers:
        assert {(await reader.fetches(way))[0] for way in taken} == {403}
        assert (await reader.fetches(f"/pages/{version}/1/960.webp"))[0] == 200
    stamps = [(await small.house.paper_rights.handling(visitor(who), version)).stamp for who in ("chair", "delegate")]
    assert [stamp.split(" · ")[0] for stamp in stamps] == ["Chair", "Delegate"]
    wish = {"amendment": "a-1", "paper": paper, "version": version, "passage": 1, "text": "x"}
    sent = {"id": "propose-1", "command": {"type": "amendment.propose", **wish}}
    status, refused = await readers[2].asks("POST", f"/api/meetings/{MEETING}/opinions", sent)
    assert (status, refused["code"]) == (403, "paper.not_to_be_saved")
    assert (await secretary.commands("paper.restrict", paper=paper, screen_only=False))[0] == 200
    assert {(await readers[2].fetches(way))[0] for way in taken} == {200}


async def test_the_papers_of_an_internal_meeting_are_read_and_taken_along_by_nobody(small: SmallHouse) -> None:
    """Every paper: those for members, and one that was taken off, lest it be taken off to be had."""
    secretary, delegate = await small.caller("secretary"), await small.caller("delegate")
    assert (await secretary.commands("meeting.describe", **ABOUT, internal=True))[0] == 200
    for name in ("all", "members"):
        paper, version = small.lies.papers[name], small.lies.versions[name]
        for reader in (secretary, delegate):
            assert (await reader.fetches(f"/api/papers/{paper}/original"))[0] == 403
            assert (await reader.fetches(f"/pages/{version}/1/text.json"))[0] == 403
            assert (await reader.fetches(f"/pages/{version}/1/960.webp"))[0] == 200
        assert (await small.house.paper_rights.handling(visitor("delegate"), version)).stamp.startswith("Delegate · ")
    assert (await secretary.commands("paper.detach", paper=small.lies.papers["all"]))[0] == 200
    assert (await secretary.fetches(f"/api/papers/{small.lies.papers['all']}/original"))[0] == 403


async def test_papers_for_named_readers_are_withdrawn_from_their_tablets_when_the_meeting_closes(
    small: SmallHouse,
) -> None:
    page = f"/pages/{small.lies.versions['named']}/1/960.webp"
    second, secretary = await small.caller("second"), await small.caller("secretary")
    tablet = await second.tablet()
    await tablet.sync(0, f"meeting:{MEETING}")
    assert (await second.fetches(page))[0] == 200
    assert (await (await small.caller("chair")).commands("meeting.close"))[0] == 200
    await tablet.until(lambda: tablet.status("resync") is not None)
    assert (await second.fetches(page))[0] == 404, "no page is answered any more"
    assert (await secretary.fetches(page))[0] == 200, "the secretary keeps it for the file"
    _, answer = await second.asks("GET", f"/api/meetings/{MEETING}")
    assert small.lies.papers["named"] not in answer["state"]["papers"]
    await tablet.close()


async def test_a_guest_of_one_item_gets_neither_words_nor_pages_of_another(small: SmallHouse) -> None:
    secretary, guest = await small.caller("secretary"), await small.caller("guest")
    page = f"/pages/{small.lies.versions['all']}/1/960.webp"
    assert (await guest.fetches(page))[0] == 200
    limited = await secretary.commands("member.limit", person="guest", items=[small.lies.items[1]])
    assert limited[0] == 200
    assert (await guest.fetches(page))[0] == 404, "the paper belongs to the first item"
    _, answer = await guest.asks("GET", f"/api/meetings/{MEETING}")
    titles = [item["title"] for item in answer["state"]["items"]]
    assert titles == ["Nội dung khác", "Dự thảo Quyết định", "Nội dung khác"]


async def test_a_site_is_let_in_by_its_invitation_into_its_own_meeting_only(small: SmallHouse) -> None:
    technician = await small.caller("technician")
    path = f"/api/meetings/{MEETING}/invitations"
    status, invited = await technician.asks("POST", path, {"kind": "site", "who": SITE})
    assert (status == 201 and invited["code"] in invited["link"].replace("-", "")) or invited["link"].count("#") == 1
    site = await (await small.caller()).enters(invited["code"])
    assert (await site.asks("GET", f"/api/meetings/{MEETING}"))[0] == 200
    status, answer = await site.asks("GET", "/api/meetings/another")
    assert (status, answer["code"]) == (403, "session.other_meeting")
    assert (await site.asks("GET", "/api/people"))[0] == 403
    for who in ("delegate", "guest"):
        refused, _ = await (await small.caller(who)).asks("POST", path, {"kind": "site", "who": SITE})
        assert refused == 403
    unknown, _ = await technician.asks("POST", path, {"kind": "site", "who": "nowhere"})
    assert unknown in {404, 409}


async def test_the_code_at_the_door_leads_to_where_one_checks_in(small: SmallHouse) -> None:
    chair, guest = await small.caller("chair"), await small.caller("guest")
    status, shown = await chair.asks("GET", f"/api/meetings/{MEETING}/check-in")
    assert (status, shown["link"]) == (200, f"{small.url}/diem-danh/{MEETING}")
    assert shown["qr"].startswith("<svg")
    assert (await (await small.caller("stranger")).asks("GET", f"/api/meetings/{MEETING}/check-in"))[0] in {403, 404}
    assert (await guest.commands("attendance.leave"))[0] == 200
    assert (await guest.commands("attendance.arrive", place="room", how="qr"))[0] == 200
    _, answer = await chair.asks("GET", f"/api/meetings/{MEETING}")
    attendance = answer["state"]["members"]["guest"]["attendance"]
    assert (attendance["state"], attendance["how"], attendance["by"]) == ("room", "qr", "guest")


async def test_the_outbox_key_is_given_to_its_owner_at_every_sign_in(small: SmallHouse) -> None:
    keys = []
    for who in ("delegate", "delegate", "second"):
        status, answer = await (await small.caller(who)).asks("POST", "/api/outbox-key")
        assert status == 200
        keys.append(answer["key"])
    assert keys[0] == keys[1] != keys[2]
    assert (await (await small.caller()).asks("POST", "/api/outbox-key"))[0] == 401


async def test_the_meter_counts_open_lines_and_only_the_desk_hears_names(small: SmallHouse) -> None:
    chair = await (await small.caller("chair")).tablet()
    guest = await (await small.caller("guest")).tablet("ban-2")
    for tablet in (chair, guest):
        await tablet.sync(0, f"meeting:{MEETING}")
    async with asyncio.timeout(60):
        while (guest.status("meter") or {}).get("people") != 2 or chair.status("presence") is None:
            await asyncio.sleep(0.05)
    assert chair.status("presence")["connected"] == ["chair", "guest"]
    assert guest.status("presence") is None
    for tablet in (chair, guest):
        await tablet.close()
