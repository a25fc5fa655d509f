"""Settings: files merged left to right, then the environment, then ``*_file`` secrets.

`config/default.toml` holds every key with its default and a comment; a test keeps it equal to the
classes below. Unknown keys are errors. Units stand in the names.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from server import addresses
from server.errors import Invalid

ENVIRONMENT_PREFIX = "HOPSO_"


class Section(BaseModel):
    """A table of the configuration file; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class WebSettings(Section):
    """Where people reach the house."""

    host: str = "0.0.0.0"  # a meeting room's tablets come over the LAN
    port: int = Field(default=8443, ge=1, le=65535)
    guide_port: int = Field(default=8480, ge=0, le=65535)  # plain HTTP, only "how to trust us"; 0 turns it off
    public_url: str = ""
    certificate_file: Path = Path("var/tls/server.pem")
    key_file: Path = Path("var/tls/server.key")
    trusted_proxies: list[str] = []
    metrics_from: list[str] = ["127.0.0.1", "::1"]  # addresses or networks; empty: no /metrics at all
    static_folder: Path = Path("web/dist")
    max_request_mb: int = Field(default=110, ge=1)


class DatabaseSettings(Section):
    """Where decisions are kept."""

    url: str = "sqlite+aiosqlite:///var/hopso.db"
    url_file: Path | None = None
    busy_timeout_ms: int = Field(default=5000, ge=0)


class BlobSettings(Section):
    """Where files are kept, by their SHA-256."""

    folder: Path = Path("var/blobs")


class BusSettings(Section):
    """The doorbell between several web processes; empty means one process alone."""

    redis_url: str = ""
    redis_url_file: Path | None = None


class PeopleSettings(Section):
    """Sign-in and sessions."""

    session_idle_minutes: int = Field(default=720, ge=1)
    session_max_hours: int = Field(default=24, ge=1)
    lockout_attempts: int = Field(default=5, ge=1)
    lockout_minutes: int = Field(default=15, ge=1)
    ticket_seconds: int = Field(default=60, ge=1, le=60)
    require_second_factor: bool = True
    keys_folder: Path = Path("var/keys")
    argon2_memory_kib: int = Field(default=65_536, ge=1024)
    argon2_passes: int = Field(default=3, ge=1)
    help_phone: str = ""


class DocumentSettings(Section):
    """Limits for papers, and the workers that open them."""

    max_file_mb: int = Field(default=100, ge=1)
    max_pages: int = Field(default=2000, ge=1)
    own_papers: int = Field(default=200, ge=1)
    own_mb: int = Field(default=1024, ge=1)
    workers: int = Field(default=1, ge=1)
    render_timeout_s: int = Field(default=30, ge=1)
    convert_timeout_s: int = Field(default=120, ge=1)
    worker_memory_mb: int = Field(default=1024, ge=128)
    soffice: str = "soffice"
    pages_folder: Path = Path("var/pages")
    work_folder: Path = Path("var/work")


class MediaSettings(Section):
    """The forwarder's one UDP port, and what is written into answers."""

    control_socket: Path = Path("var/media.sock")
    host: str = "0.0.0.0"  # ICE candidates are read from the interfaces, see `announce`
    port: int = Field(default=8444, ge=0, le=65535)
    processes: int = Field(default=1, ge=1, le=32)  # each has a port and a control socket of its own, see `nth`
    elsewhere: list[Path] = []  # control sockets of media processes of other machines, as they appear here
    full_percent: int = Field(default=60, ge=1, le=100)  # of a core: a fuller process takes no more receivers
    announce: list[str] = []
    turn_urls: list[str] = []  # e.g. turns:turn.example.vn:443?transport=tcp, for sites whose network blocks UDP
    turn_secret: str = ""  # coturn's static-auth-secret
    turn_secret_file: Path | None = None
    turn_minutes: int = Field(default=720, ge=5, le=1440)

    def sockets(self) -> list[Path]:
        """The control sockets of all media processes: our own, then those of other machines."""
        return [*(self.nth(one).control_socket for one in range(1, self.processes + 1)), *self.elsewhere]

    def nth(self, number: int) -> Self:
        """The settings of one of our own media processes, from 1: ports follow one another, announced ones too."""
        if number == 1:
            return self
        socket = self.control_socket.with_name(f"{self.control_socket.stem}-{number}{self.control_socket.suffix}")
        announce = [addresses.ported(one, number - 1) for one in self.announce]
        port = self.port + number - 1 if self.port else 0
        return self.model_copy(update={"control_socket": socket, "port": port, "announce": announce})

    @field_validator("announce")
    @classmethod
    def _are_addresses(cls, given: list[str]) -> list[str]:
        for one in given:
            addresses.announced(one)
        return given

    @field_validator("turn_urls")
    @classmethod
    def _are_relays(cls, given: list[str]) -> list[str]:
        for one in given:
            addresses.relay(one)
        return given


class RecordingSettings(Section):
    """Where conferences are recorded, and what must stay free."""

    control_socket: Path = Path("var/recorder.sock")
    folder: Path = Path("var/recordings")
    min_free_mb: int = Field(default=5_000, ge=100)  # a recording may begin; it ends by itself at a quarter of this
    keep_days: int = Field(default=0, ge=0)  # 0: until somebody deletes it
    film_height: Literal[720, 1080] = 720


class SipSettings(Section):
    """Room codecs by SIP: where they call, what they may cost. Needs the program Janus beside us."""

    enabled: bool = False
    host: str = "127.0.0.1"  # the address of this machine that codecs see; it is bound and written into descriptions
    port: int = Field(default=5060, ge=0, le=65535)
    proxy: str = ""  # host:port of the province's SIP server for calls to codecs; without one they are called directly
    ports: str = Field(default="20000-20399", pattern=r"^\d{4,5}-\d{4,5}$")
    inner_ports: str = Field(default="20400-20799", pattern=r"^\d{4,5}-\d{4,5}$")
    janus: str = "janus"
    templates: Path = Path("config/janus")
    folder: Path = Path("var/janus")
    control_socket: Path = Path("var/sip.sock")
    height: int = Field(default=720, ge=180, le=1080)  # of pictures that are coded anew for a codec
    kbps: int = Field(default=1_000, ge=128, le=8_000)


class RecordSettings(Section):
    """What a meeting leaves behind."""

    agency: str = "ỦY BAN NHÂN DÂN TỈNH"
    superior_agency: str = ""
    agency_short: str = "UBND"
    minutes_revision_every_min: int = Field(default=10, ge=1)


class LogSettings(Section):
    """How the house speaks to its operator."""

    level: str = "info"
    json_lines: bool = False


class Settings(Section):
    """Everything the operator can set."""

    demo: bool = False
    production: bool = False
    web: WebSettings = WebSettings()
    database: DatabaseSettings = DatabaseSettings()
    blobs: BlobSettings = BlobSettings()
    bus: BusSettings = BusSettings()
    people: PeopleSettings = PeopleSettings()
    documents: DocumentSettings = DocumentSettings()
    media: MediaSettings = MediaSettings()
    recording: RecordingSettings = RecordingSettings()
    sip: SipSettings = SipSettings()
    records: RecordSettings = RecordSettings()
    log: LogSettings = LogSettings()


def load(*files: Path, environment: dict[str, str] | None = None) -> Settings:
    """The settings of these files, later ones winning, and of `HOPSO_SECTION__KEY` variables.

    Raises `Invalid("config.invalid")` naming each key that is unknown or out of range, or the file that cannot be read.
    """
    merged: dict[str, Any] = {}
    for file in files:
        _merge(merged, _table_of(file))
    _merge(merged, _from_environment(dict(os.environ) if environment is None else environment))
    try:
        settings = Settings.model_validate(merged)
    except ValidationError as error:
        wrong = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        raise Invalid("config.invalid", keys=wrong) from error
    return _with_secrets(settings)


def _table_of(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(_read(file))
    except tomllib.TOMLDecodeError as error:
        raise Invalid("config.invalid", keys=[f"{file}: {error}"]) from error


def _read(file: Path) -> str:
    """The text of a file, also as Windows' editor writes it, with a mark in front."""
    try:
        return file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise Invalid("config.invalid", keys=[f"{file}: {why}"]) from error


def _merge(into: dict[str, Any], more: dict[str, Any]) -> None:
    for key, value in more.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into[key] = value


def _from_environment(environment: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in sorted(environment.items(), reverse=True):  # a table's keys before a table of that name
        if not name.startswith(ENVIRONMENT_PREFIX) or name in NOT_SETTINGS:
            continue
        *tables, key = name.removeprefix(ENVIRONMENT_PREFIX).lower().split("__")
        table = found
        for part in tables:
            table = table.setdefault(part, {})
        table[key] = value.split(",") if key in LISTS else value
    return found


NOT_SETTINGS = frozenset({"HOPSO_STRICT"})
"""Variables with our prefix that the tests read, not the server."""

LISTS = frozenset({"announce", "elsewhere", "metrics_from", "trusted_proxies", "turn_urls"})
"""Keys that hold several values; the environment writes them with commas."""


def _with_secrets(settings: Settings) -> Settings:
    changed: dict[str, Section] = {}
    for name, section in settings:
        if not isinstance(section, Section):
            continue
        secrets = {
            key.removesuffix("_file"): _read(path).strip()
            for key, path in section
            if key.endswith("_file")
            and isinstance(path, Path)
            and key.removesuffix("_file") in type(section).model_fields
        }
        if secrets:
            changed[name] = section.model_copy(update=secrets)
    return settings.model_copy(update=changed)
