"""The demo province: its data hold together, and broken data are refused with a clear sentence."""

import shutil
import unicodedata
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from demo.province import HERE, Province, load
from demo.province_check import SHORT_TITLE_LENGTH, Broken
from server.catalogue import meeting_kinds


@pytest.fixture(scope="module")
def province() -> Province:
    return load()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the data that a test may spoil."""
    for file in HERE.glob("*.toml"):
        shutil.copy(file, tmp_path)
    (tmp_path / "papers").mkdir()
    for file in (HERE / "papers").glob("*.md"):
        (tmp_path / "papers" / file.name).touch()
    return tmp_path


def spoil(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")


def test_thirty_one_sites_stand_in_protocol_order_and_only_the_first_is_the_main_site(province: Province) -> None:
    assert [site.order for site in province.sites] == list(range(1, 32))
    assert [site.kind for site in province.sites] == ["main"] + ["branch"] * 30
    assert province.meeting.sites == tuple(site.id for site in province.sites)


def test_eighty_people_have_one_precedence_each(province: Province) -> None:
    ranks = [person.precedence for person in province.people]
    assert len(ranks) == 80
    assert ranks == sorted(set(ranks))


def test_the_roles_are_filled(province: Province) -> None:
    roles = Counter(role for person in province.people for role in person.roles)
    assert roles["system_admin"] == 1
    assert roles["guest"] == 1
    assert roles["unit_admin"] >= 8
    assert roles["secretary"] == 4
    assert roles["clerk"] == 1


def test_every_site_has_a_technician_and_somebody_who_takes_part(province: Province) -> None:
    technicians = {person.id for person in province.people if "technician" in person.roles}
    assert {site.technician for site in province.sites} == technicians
    attended = {one.site for one in province.meeting.participant}
    assert attended == {site.id for site in province.sites}


def test_there_are_two_tiers_and_no_districts(province: Province) -> None:
    kinds = Counter(unit.kind for unit in province.units)
    assert (kinds["ward"], kinds["commune"]) == (10, 54)
    assert not [unit.name for unit in province.units if "huyện" in unit.name.lower()]


def test_the_committee_has_one_chair_eight_deputies_and_eighteen_members(province: Province) -> None:
    titles = {person.id: person.title for person in province.people}
    voters = [titles[one.person] for one in province.meeting.participant if one.mandate]
    assert len(voters) == 27
    assert sum(title.endswith(", Chủ tịch Ủy ban nhân dân tỉnh") for title in voters) == 1
    assert sum(title.startswith("Phó Chủ tịch") for title in voters) == 8
    assert sum(title.startswith("Ủy viên Ủy ban nhân dân tỉnh") for title in voters) == 18


def test_the_chair_the_deputy_and_the_presenters_are_in_the_meeting(province: Province) -> None:
    meeting = province.meeting
    mandates = {one.person for one in meeting.participant if one.mandate}
    assert {meeting.chair, meeting.deputy} <= mandates
    assert {item.presenter for item in meeting.item} <= {one.person for one in meeting.participant}


def test_six_items_fill_the_time_of_the_meeting(province: Province) -> None:
    meeting = province.meeting
    assert len(meeting.item) == 6
    hours = [int(clock[:2]) * 60 + int(clock[3:]) for clock in (meeting.starts, meeting.ends)]
    assert sum(item.minutes for item in meeting.item) == hours[1] - hours[0]
    assert all(len(item.short_title) <= SHORT_TITLE_LENGTH for item in meeting.item)


def test_the_title_takes_month_and_year_of_the_day(province: Province) -> None:
    title = province.meeting.title_on(date(2026, 11, 21))
    assert title == "Phiên họp thường kỳ tháng 11 năm 2026 của Ủy ban nhân dân tỉnh Lam Giang"


def test_the_meeting_is_of_a_type_in_the_catalogue(province: Province) -> None:
    assert province.meeting.type in {kind.kind for kind in meeting_kinds()}


def test_all_sources_are_precomposed_unicode() -> None:
    for file in [*HERE.glob("*.toml"), *HERE.glob("papers/**/*.md"), *HERE.glob("papers/**/*.csv")]:
        assert unicodedata.is_normalized("NFC", file.read_text(encoding="utf-8")), file.name


@pytest.mark.parametrize(
    ("file", "old", "new", "sentence"),
    [
        ("units.toml", 'parent = "vp-ubnd"', 'parent = "nowhere"', "there is no unit nowhere"),
        ("units.toml", 'id = "hac-dinh"', 'id = "lam-thanh"', "unit lam-thanh stands twice"),
        ("units.toml", 'id = "ubnd", name', 'id = "ubnd", colour = "red", name', "unknown field `colour`"),
        ("people.toml", 'unit = "mttq"', 'unit = "mtqt"', "there is no unit mtqt"),
        ("sites.toml", "order = 7,", "order = 8,", "without gaps"),
        ("sites.toml", 'technician = "tulv.muongda"', 'technician = "nobody"', "there is no person nobody"),
        ("meeting.toml", 'papers = ["chuong-trinh"]', 'papers = ["lost"]', "there is no paper lost"),
        ("meeting.toml", 'seat = "B1"', 'seat = "A5"', "seat taken A5 stands twice"),
        ("meeting.toml", 'chair = "trungnq.ubnd"', 'chair = "trietdm.cds"', "there is no participant trietdm.cds"),
        ("meeting.toml", 'short_title = "Kết luận, bế mạc"', f'short_title = "{"k" * 46}"', "more than 45 letters"),
        ("province.toml", "Tỉnh", unicodedata.normalize("NFD", "Tỉnh"), "not in Unicode form NFC"),
    ],
)
def test_broken_data_are_refused(copy: Path, file: str, old: str, new: str, sentence: str) -> None:
    spoil(copy, file, old, new)
    with pytest.raises(Broken, match=sentence):
        load(copy)
