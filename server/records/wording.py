"""How official Vietnamese writes dates, hours, counts and names (Nghị định 30/2020/NĐ-CP, Annex I)."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta, timezone

from server.clock import Millis
from server.records.naming import Person, Words

VIETNAM = timezone(timedelta(hours=7))
"""Vietnam keeps one zone and no summer time."""

ROMAN = ((50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))


def local(at: Millis) -> datetime:
    """The moment on a clock in Vietnam."""
    return datetime.fromtimestamp(at // 1000, VIETNAM)


def hour(at: Millis) -> str:
    """`08 giờ 30 phút`."""
    moment = local(at)
    return f"{moment.hour:02} giờ {moment.minute:02} phút"


def date(at: Millis) -> str:
    """`ngày 05 tháng 01 năm 2026`: days below 10 and the months 1 and 2 take a leading 0, month 6 does not."""
    moment = local(at)
    month = f"{moment.month:02}" if moment.month <= 2 else str(moment.month)
    return f"ngày {moment.day:02} tháng {month} năm {moment.year}"


def moment(at: Millis) -> str:
    """`08 giờ 30 phút, ngày 15 tháng 10 năm 2026`."""
    return f"{hour(at)}, {date(at)}"


def span(began: Millis, ended: Millis | None) -> str:
    """`từ 09 giờ 12 phút đến 09 giờ 47 phút`; the day is named when the end falls on another one.

    An end before the beginning is said as it stands in the log, and why.
    """
    if ended is None:
        return f"từ {hour(began)}"
    said = hour if local(began).date() == local(ended).date() else moment
    return f"từ {said(began)} đến {said(ended)}{turned_back(began, ended)}"


def when(began: Millis, ended: Millis | None) -> str:
    """As `span`, or `lúc 09 giờ 12 phút` where both fall into one minute."""
    return f"lúc {hour(began)}" if ended is not None and began // 60_000 == ended // 60_000 else span(began, ended)


def turned_back(before: Millis, after: Millis) -> str:
    """Why what came later bears an earlier hour; nothing where it does not. Minutes are what is printed."""
    return " (đồng hồ hệ thống đã được chỉnh lùi)" if after // 60_000 < before // 60_000 else ""


def said_back(before: Millis, after: Millis) -> str:
    """That the clock was turned back between two things that followed each other."""
    said = hour if local(before).date() == local(after).date() else moment
    return f"Đồng hồ hệ thống được chỉnh lùi từ {said(before)} về {said(after)}; từ đây ghi theo giờ đã chỉnh"


def count(number: int) -> str:
    """Counts below 10 take a leading 0, so that nobody can put a digit before them: `02`, `27`."""
    return f"{number:02}"


def percent(part: int, whole: int) -> str:
    """`82,76%`: at most two decimals, rounded half up, a comma, no trailing zeros."""
    if whole <= 0:
        return ""
    hundredths = (part * 20_000 + whole) // (2 * whole)
    text = f"{hundredths // 100},{hundredths % 100:02}".rstrip("0").rstrip(",")
    return f"{text}%"


def roman(number: int) -> str:
    """`3` as `III`."""
    text = ""
    for value, letters in ROMAN:
        text += letters * (number // value)
        number %= value
    return text


def number_and_symbol(number: int | None, symbol: str) -> str:
    """`Số: 05/BB-UBND`; a gap to write in while the clerk has given no number."""
    shown = "      " if number is None else f"{number:02}"
    return f"Số: {shown}/BB-{symbol}"


def at_site(name: str) -> str:
    """`điểm cầu xã Thường Xuân`: within a sentence the common noun before a unit's own name is lower case (Annex II).

    It keeps its capital before a number ("Phường 7"); agencies ("Sở Tài chính") keep theirs always.
    """
    tidied = re.sub(r"^điểm cầu\s+", "", tidy(name), flags=re.IGNORECASE)
    noun, _, own = tidied.partition(" ")
    shown = tidied[:1].lower() + tidied[1:] if noun in TERRITORIES and not own[:1].isdigit() else tidied
    return f"điểm cầu {shown}"


TERRITORIES = frozenset({"Tỉnh", "Xã", "Phường", "Đặc"})
"""First words of the names of administrative units: since July 2025 provinces, communes, wards and special zones."""


def capital(text: str) -> str:
    """The first letter upper case, the rest as it is."""
    return text[:1].upper() + text[1:]


def sentence(text: str, end: str = ".") -> str:
    """The text closed with `end`, unless it already ends like a sentence."""
    bare = text.strip().rstrip(";,")
    return bare if bare.endswith((".", "!", "?", "…")) else bare + end


def tidy(text: str) -> str:
    """One line, NFC, single spaces, without characters that no document may hold."""
    kept = "".join(" " if letter.isspace() else letter for letter in text if is_text(letter))
    return " ".join(unicodedata.normalize("NFC", kept).split())


def unparted(title: str) -> str:
    """The title with its last three words held together, so that no line of it is a single syllable ("Giang")."""
    words = title.split(" ")
    return " ".join([*words[:-3], NO_BREAK.join(words[-3:])]) if len(words) > LONG_TITLE_WORDS else title


NO_BREAK = "\u00a0"
LONG_TITLE_WORDS = 9
"""Shorter titles fit into one line."""


def is_text(letter: str) -> bool:
    """Whether XML 1.0 §2.2 lets a document hold this character."""
    code = ord(letter)
    return letter in "\t\n\r" or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000


def address(person: Person, words: Words) -> str:
    """`đồng chí Lò Văn Chiến`, or `ông Lò Văn Chiến`."""
    form = "đồng chí" if words.comrade else person.form or "ông/bà"
    return f"{form} {tidy(person.name)}"


def office(person: Person) -> str:
    """`Phó Giám đốc Sở Xây dựng`: the unit is left out when the title already ends with it."""
    title, unit = tidy(person.title), tidy(person.unit)
    if not unit or title.casefold().endswith(unit.casefold()):
        return title
    joint = " " if title.casefold() in SHORT_TITLES else ", "
    return f"{title}{joint}{unit}" if title else unit


SHORT_TITLES = frozenset(
    (
        "giám đốc",
        "phó giám đốc",
        "quyền giám đốc",
        "trưởng ban",
        "phó trưởng ban",
        "chánh văn phòng",
        "phó chánh văn phòng",
        "trưởng phòng",
        "phó trưởng phòng",
        "chủ tịch",
        "phó chủ tịch",
        "bí thư",
        "phó bí thư",
        "chánh thanh tra",
        "phó chánh thanh tra",
        "chi cục trưởng",
        "cục trưởng",
        "phó cục trưởng",
        "viện trưởng",
        "chánh án",
        "chuyên viên",
        "thư ký",
    )
)
"""Titles that run straight into the unit's name: "Giám đốc Sở Tài chính"."""


def full(person: Person, words: Words) -> str:
    """`đồng chí Lò Văn Chiến, Phó Giám đốc Sở Dân tộc và Tôn giáo`."""
    post = office(person)
    return f"{address(person, words)}, {post}" if post else address(person, words)
