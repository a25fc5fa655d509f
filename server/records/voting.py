"""Votes in the minutes: the question, how it was voted, the figures with their basis, and what came of it, in words."""

from __future__ import annotations

from server.records.ballots import Ballot, Count, Papers, Voiding
from server.records.blocks import Block, Run, labelled, plain
from server.records.naming import Words
from server.records.wording import capital, count, hour, moment, percent, sentence, tidy

WAYS = {
    "open": "biểu quyết công khai",
    "named": "biểu quyết công khai, ghi danh từng người",
    "hands": "biểu quyết giơ tay",
    "paper": "bỏ phiếu bằng phiếu giấy",
    "secret": "bỏ phiếu kín",
}
LABELS = {"question": "Biểu quyết", "choice": "Chọn phương án", "election": "Bầu cử"}


def ballot_blocks(ballot: Ballot, words: Words) -> list[Block]:
    """The question and how it was voted; the counts with their basis; the names, where the vote was by name."""
    pieces = [labelled(LABELS.get(ballot.kind, LABELS["question"]), _question(ballot))]
    if ballot.announced:
        pieces.append(labelled("Kết quả", _counts(ballot)))
        pieces += [plain(_candidate(each, ballot)) for each in _ranked(ballot)]
        pieces += [plain(_chosen(ballot))] if ballot.kind != "question" else []
    elif ballot.electorate:
        pieces.append(labelled("Kết quả", _unannounced(ballot, words)))
    pieces += [plain(_names(each.option, each.names, words)) for each in ballot.counts if each.names]
    if ballot.entered_at is not None:
        pieces.append(plain(_entered(ballot), italic=True))
    if ballot.voided is not None:
        pieces.append(_voided(ballot.voided))
    return [
        Block(runs, f"ballot:{ballot.event}:{index}", ballot.event, "ballot", at=ballot.at)
        for index, runs in enumerate(pieces)
    ]


def _question(ballot: Ballot) -> str:
    said = [sentence(tidy(ballot.question)), f"Hình thức: {WAYS.get(ballot.way, WAYS['open'])}."]
    if ballot.kind == "election":
        said.append(f"Số người được bầu: {count(ballot.places)}.")
    elif ballot.kind == "choice":
        said.append(f"Số phương án được chọn: {count(ballot.places)}.")
    if ballot.repeated:
        said.append("Biểu quyết lại, thay cho lần đã hủy kết quả.")
    if ballot.short_of:
        there = f"có mặt {count(ballot.electorate)}, cần {count(ballot.short_of)}"
        said.append(f"Mở biểu quyết khi chưa đủ số thành viên: {there}.")
    return " ".join(said)


def _counts(ballot: Ballot) -> str:
    question = ballot.kind == "question"
    options = [_share(each, ballot) for each in ballot.counts] if question else []
    if ballot.not_voted:
        options.append(f"chưa bỏ phiếu {count(ballot.not_voted)}")
    if ballot.absent:
        options.append(f"vắng mặt {count(ballot.absent)}")
    if ballot.blank:
        options.append(
            f"phiếu không chọn {'ai' if ballot.kind == 'election' else 'phương án nào'} {count(ballot.blank)}"
        )
    basis = f"Tỷ lệ tính trên {tidy(ballot.basis_words)} ({count(ballot.basis)})"
    said = "; ".join(options)
    sentences = [said if question and ballot.papers is None else capital(said), basis]
    if ballot.papers is not None:
        sentences.insert(0, _papers(ballot.papers))
    if ballot.majority:
        met = "Điều kiện thông qua" if question else "Điều kiện trúng cử" if ballot.kind == "election" else "Điều kiện"
        sentences.append(f"{met}: {tidy(ballot.majority)}")
    if ballot.result and question:
        sentences.append(capital(tidy(ballot.result)))
    return " ".join(sentence(each) for each in sentences if each)


def _share(each: Count, ballot: Ballot) -> str:
    share = percent(each.count, ballot.basis)
    return f"{tidy(each.option).lower()} {count(each.count)}/{count(ballot.basis)} ({share})"


def _ranked(ballot: Ballot) -> list[Count]:
    """The options of a choice, or the candidates: the most votes first, the list's order where those are even."""
    return sorted(ballot.counts, key=lambda each: -each.count) if ballot.kind != "question" else []


def _candidate(each: Count, ballot: Ballot) -> str:
    share = percent(each.count, ballot.basis)
    text = f"{tidy(each.option)}: {count(each.count)}/{count(ballot.basis)} phiếu ({share})"
    if each.option in ballot.elected:
        text += ", trúng cử" if ballot.kind == "election" else ", được chọn"
    return f"- {sentence(text)}"


def _chosen(ballot: Ballot) -> str:
    """Who was elected, how many places stay empty, and why where votes were even."""
    elected, places = len(ballot.elected), ballot.places
    verb = "Trúng cử" if ballot.kind == "election" else "Được chọn"
    found = ", ".join(tidy(name) for name in ballot.elected) or "không có"
    said = [f"{verb} ({count(elected)}/{count(places)}): {found}"]
    if ballot.tied:
        names = ", ".join(tidy(name) for name in ballot.tied)
        vote = "bầu lại giữa những người này" if ballot.kind == "election" else "chọn lại giữa các phương án này"
        said.append(f"{capital(names)} có số phiếu bằng nhau ở vị trí cuối nên chưa xác định; {vote}")
    elif elected < places:
        said.append(f"Còn thiếu {count(places - elected)}, do không đạt {tidy(ballot.majority) or 'điều kiện'}")
    return " ".join(sentence(each) for each in said)


def _unannounced(ballot: Ballot, words: Words) -> str:
    """That it was held and counted, and no figure of the count: the chair did not announce it."""
    voted = f"{count(ballot.cast)}/{count(ballot.electorate)} người có quyền biểu quyết đã biểu quyết"
    ended = f"việc biểu quyết kết thúc lúc {hour(ballot.at)}; {voted}"
    if ballot.voided is not None:
        return f"{sentence(capital(ended))} Kết quả không được công bố."
    return f"{sentence(capital(ended))} Kết quả đã được kiểm đếm, chưa được công bố tại {words.noun}."


def _papers(papers: Papers) -> str:
    valid = papers.returned - papers.invalid
    return (
        f"số phiếu phát ra {count(papers.issued)}; thu về {count(papers.returned)}; "
        f"hợp lệ {count(valid)}; không hợp lệ {count(papers.invalid)}"
    )


def _names(option: str, names: tuple[str, ...], words: Words) -> str:
    people = "các đồng chí " if words.comrade else "các ông, bà "
    return sentence(f"{capital(tidy(option))}: {people}{', '.join(tidy(name) for name in names)}")


def _entered(ballot: Ballot) -> str:
    """The trace of a result that did not come from the tablets (nhập lại từ phiếu giấy, giơ tay)."""
    by = f" do {tidy(ballot.entered_by)}" if ballot.entered_by else ""
    source = " theo kết quả kiểm phiếu giấy" if ballot.way == "paper" else ""
    order = f", theo lệnh của {tidy(ballot.ordered_by)}" if ballot.ordered_by else ""
    text = f"Kết quả{by} nhập vào hệ thống lúc {hour(ballot.entered_at or ballot.at)}{source}{order}."
    if ballot.taken_at is not None:
        why = f"; nhập sau vì: {tidy(ballot.reason)}" if ballot.reason else ""
        text += f" {sentence(f'Biểu quyết lúc {moment(ballot.taken_at)}{why}')}"
    return f"({text})"


def _voided(voided: Voiding) -> tuple[Run, ...]:
    two = f"{tidy(voided.asked_by)} đề nghị, {tidy(voided.by)} xác nhận"
    why = f"; lý do: {tidy(voided.reason)}" if voided.reason else ""
    return labelled("Hủy kết quả", sentence(f"Lúc {hour(voided.at)}, kết quả biểu quyết này bị hủy ({two}{why})"))
