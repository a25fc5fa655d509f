"""The command line: `python -m server COMMAND`. Heavy rooms are imported inside the commands, so that help is quick."""

from __future__ import annotations

import asyncio
import gc
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from server.config import Settings, load
from server.errors import Invalid, Problem
from server.terminal import Language, sentence

if TYPE_CHECKING:
    from server.banner import Account

DEFAULT, LOCAL = Path("config/default.toml"), Path("config/local.toml")
MARKS = {"ok": "✓", "warn": "!", "bad": "✕"}

cli = typer.Typer(
    help="Họp Số: phòng họp không giấy và hội nghị truyền hình cho một tỉnh / paperless meetings for a province.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


class Process(StrEnum):
    """The processes that can run alone."""

    WEB = "web"
    MEDIA = "media"
    RECORDER = "recorder"
    SIP = "sip"


class Call(msgspec.Struct, frozen=True):
    """What was said before the command: the settings, the language, and the words to say them again to a child."""

    settings: Settings
    language: Language
    options: tuple[str, ...]

    def say(self, vi: str, en: str) -> None:
        """One line on the terminal."""
        typer.echo(vi if self.language == "vi" else en)


@cli.callback()
def options(
    context: typer.Context,
    config: Annotated[list[Path] | None, typer.Option(help="Tệp cấu hình, ghi đè tệp trước / settings file.")] = None,
    english: Annotated[bool, typer.Option("--english", help="Speak English.")] = False,
) -> None:
    """Reads `config/default.toml`, `config/local.toml` if it is there, the given files, the environment."""
    files = [file for file in (DEFAULT, LOCAL) if file.exists()] + (config or [])
    absent = [str(file) for file in files if not file.exists()]
    if absent:
        raise Invalid("config.file_missing", files=absent)
    words = [word for file in config or [] for word in ("--config", str(file))]
    spoken = (*words, "--english") if english else tuple(words)
    context.obj = Call(load(*files), "en" if english else "vi", spoken)


@cli.command()
def serve(
    context: typer.Context,
    only: Annotated[Process | None, typer.Option(help="Chỉ chạy một tiến trình / one process, in place.")] = None,
    nth: Annotated[int, typer.Option(min=1, help="Tiến trình hội nghị thứ mấy / which media process.")] = 1,
    supervised_by: Annotated[int, typer.Option(hidden=True)] = 0,
) -> None:
    """Chạy Họp Số / run it: everything under one supervisor, or one process of it."""
    from server import logs, serving
    from server.supervisor import end_with_parent

    call: Call = context.obj
    serving.refuse_unsafe(call.settings)
    if only is None:
        _open_the_house(call)
        return
    if supervised_by:
        end_with_parent(supervised_by)
    name = f"{only.value}-{nth}" if nth > 1 else only.value
    logs.configure(call.settings.log.level, call.settings.log.json_lines, name)
    run_in_place(call.settings, only, nth)


@cli.command()
def migrate(context: typer.Context) -> None:
    """Đưa cơ sở dữ liệu lên phiên bản này / bring the database to this version."""
    from server import upkeep

    call: Call = context.obj
    asyncio.run(upkeep.migrate(call.settings))
    call.say("Cơ sở dữ liệu đã ở phiên bản mới nhất.", "The database is up to date.")


@cli.command()
def demo(context: typer.Context) -> None:
    """Nạp dữ liệu trình diễn / fill in the demo province, once."""
    from demo import fill
    from server import serving, upkeep

    call: Call = context.obj
    serving.refuse_unsafe(call.settings.model_copy(update={"demo": True}))
    asyncio.run(upkeep.migrate(call.settings))
    if asyncio.run(fill.fill(call.settings)):
        call.say("Đã nạp dữ liệu trình diễn.", "The demo province is filled in.")
    else:
        call.say("Dữ liệu trình diễn đã có sẵn.", "The demo province is there already.")


@cli.command()
def backup(context: typer.Context, file: Path) -> None:
    """Sao lưu vào một tệp, cả khi đang họp / back up into one file, also during a meeting."""
    from server import backup as backups
    from server.clock import SystemClock

    call: Call = context.obj
    settings = call.settings
    database = backups.sqlite_file(settings.database.url)
    manifest = backups.save(file, database, settings.blobs.folder, SystemClock().now())
    call.say(f"Đã sao lưu {len(manifest.files)} tệp vào {file}.", f"{len(manifest.files)} files are kept in {file}.")
    if database is None:
        call.say(
            "PostgreSQL được sao lưu riêng bằng pg_dump (xem docs/operate.md).",
            "PostgreSQL is backed up apart, by pg_dump (see docs/operate.md).",
        )


@cli.command()
def restore(
    context: typer.Context,
    file: Path,
    force: Annotated[bool, typer.Option(help="Thay cơ sở dữ liệu đang có / replace the database.")] = False,
) -> None:
    """Khôi phục từ tệp sao lưu, khi máy chủ đã dừng / restore, with the server stopped."""
    from server import backup as backups
    from server import serving

    call: Call = context.obj
    settings = call.settings
    with serving.alone():
        manifest = backups.restore(file, backups.sqlite_file(settings.database.url), settings.blobs.folder, force)
    call.say(
        f"Đã khôi phục {len(manifest.files)} tệp từ {file}.", f"{len(manifest.files)} files came back from {file}."
    )


@cli.command("reset-password")
def reset_password(context: typer.Context, user: str) -> None:
    """Đặt lại mật khẩu và đóng mọi phiên của một tài khoản / a new password; all sessions end."""
    from server import upkeep

    call: Call = context.obj
    password = asyncio.run(upkeep.reset_password(call.settings, user))
    call.say(f"Mật khẩu mới của {user}: {password}", f"The new password of {user}: {password}")
    call.say("Chuyển tận tay và đổi ở lần đăng nhập đầu tiên.", "Hand it over in person; change it at first sign-in.")


@cli.command("first-administrator")
def first_administrator(context: typer.Context, name: str, user: str) -> None:
    """Tài khoản quản trị đầu tiên của một hệ thống mới / the first account of a new house."""
    from server import upkeep

    call: Call = context.obj
    asyncio.run(upkeep.migrate(call.settings))
    agency = call.settings.records.agency
    password = asyncio.run(upkeep.first_administrator(call.settings, agency, name, user))
    call.say(f"Đã tạo tài khoản quản trị {user}, mật khẩu: {password}", f"Administrator {user}, password: {password}")
    call.say("Mật khẩu được đổi ở lần đăng nhập đầu tiên.", "It is changed at the first sign-in.")


@cli.command()
def check(
    context: typer.Context,
    strict: Annotated[bool, typer.Option(help="Mã 2 khi chỉ có cảnh báo / status 2 for warnings alone.")] = False,
) -> None:
    """Kiểm tra máy chủ trước cuộc họp / look at everything before the meeting; status 1: something will not work."""
    from server import rounds, serving
    from server.clock import SystemClock

    call: Call = context.obj
    levels = []
    for finding in rounds.look(call.settings, SystemClock().now(), serving.is_running()):
        levels.append(finding.level)
        typer.echo(f" {MARKS[finding.level]} {finding.words.in_(call.language)}")
    if "bad" in levels:
        raise typer.Exit(1)
    if strict and "warn" in levels:
        raise typer.Exit(2)


@cli.command("verify-log")
def verify_log(context: typer.Context) -> None:
    """Kiểm tra nhật ký không bị sửa / verify that nobody has changed the log."""
    from server import upkeep

    call: Call = context.obj
    broken = asyncio.run(upkeep.verify_log(call.settings))
    for place in broken:
        call.say(f"Nhật ký bị thay đổi tại: {place}", f"The log was changed at: {place}")
    if broken:
        raise typer.Exit(1)
    call.say("Nhật ký nguyên vẹn.", "The log is whole.")


def main() -> None:
    """Runs the command line; a problem we know becomes one sentence and status 1."""
    try:
        cli()
    except Problem as problem:
        english = "--english" in sys.argv
        typer.secho(sentence(problem, "en" if english else "vi"), fg="red", err=True)
        raise SystemExit(1) from None


def _open_the_house(call: Call) -> None:
    from server import glance, serving
    from server.clock import SystemClock

    settings = call.settings
    with serving.alone():
        issued = serving.prepare_certificate(settings, SystemClock().now())
        if issued and issued.new_authority:
            call.say(f"Đã tạo chứng chỉ mới: {issued.ca}", f"A new certificate authority: {issued.ca}")
        if not glance.is_ready(settings.database.url, settings.demo):
            _prepare(call)

        def welcome() -> str:
            return serving.welcome(settings, _demo_accounts(settings), call.language)

        asyncio.run(serving.supervise(settings, call.options, welcome, typer.echo))


def _prepare(call: Call) -> None:
    """Brings the tables to this version and fills in a demo; loads much that opening does not need."""
    from server import upkeep

    asyncio.run(upkeep.migrate(call.settings))
    if not call.settings.demo or asyncio.run(upkeep.has_meetings(call.settings)):
        return
    from demo import fill  # opens the whole house, so only when there is something to do

    call.say("Đang chuẩn bị dữ liệu trình diễn …", "Preparing the demo province …")
    asyncio.run(fill.fill(call.settings, drawn=False))
    call.say(
        "Đã có cuộc họp và tài liệu; các trang còn lại được dựng tiếp khi máy chủ đã chạy.",
        "The meeting and its papers are there; the remaining pages are drawn while the server runs.",
    )


def _demo_accounts(settings: Settings) -> list[Account]:
    from demo.accounts import accounts

    return accounts() if settings.demo else []


def run_in_place(settings: Settings, process: Process, nth: int = 1) -> None:
    """One process, until SIGTERM; of several media processes the `nth`."""
    gc.disable()  # nothing that is loaded becomes garbage, and looking for it takes a tenth of the start
    import uvloop

    from server import serving

    if process is Process.WEB:
        from server import web
        from server.clock import SystemClock

        serving.prepare_certificate(settings, SystemClock().now())
        work = web.run(settings)
    elif process is Process.MEDIA:
        from server.media import process as media

        work = media.run(settings.media.nth(nth))
    elif process is Process.SIP:
        from server.media.sip import process as switchboard

        work = switchboard.run(settings.sip, settings.media)
    else:
        from server.media.recorder import process as recorder

        work = recorder.run(settings.recording, settings.media)
    gc.freeze()
    gc.enable()
    uvloop.run(serving.until_told(work))
