"""The settings file and the settings classes say the same; secrets, hosts and machine paths stay out of the house."""

from __future__ import annotations

import itertools
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from pydantic_core import PydanticUndefined

from server.config import LISTS, MediaSettings, PeopleSettings, Section, Settings, load
from server.errors import Invalid

HOUSE = Path(__file__).parents[2]
DEFAULT = HOUSE / "config/default.toml"


def keys_of(section: type[Section], table: str = "") -> dict[str, object]:
    """Every dotted key with its default."""
    found: dict[str, object] = {}
    for name, field in section.model_fields.items():
        assert field.default is not PydanticUndefined, f"{table}{name} has no default"
        if isinstance(field.default, Section):
            found |= keys_of(type(field.default), f"{name}.")
        else:
            found[table + name] = field.default
    return found


def written() -> dict[str, object]:
    """Every dotted key of the file with its value."""
    found: dict[str, object] = {}
    for name, value in tomllib.loads(DEFAULT.read_text("utf-8")).items():
        found |= {f"{name}.{key}": inner for key, inner in value.items()} if isinstance(value, dict) else {name: value}
    return found


def test_the_file_holds_every_key_with_its_default() -> None:
    expected = {key: plain(value) for key, value in keys_of(Settings).items() if value is not None}
    assert written() == expected


def plain(value: object) -> object:
    return str(value) if isinstance(value, Path) else value


def test_keys_without_a_default_are_shown_as_comments() -> None:
    shown: set[str] = set()
    table = ""
    for line in DEFAULT.read_text("utf-8").splitlines():
        if heading := re.fullmatch(r"\[(\w+)\]", line):
            table = heading[1] + "."
        elif comment := re.match(r"# (\w+) = ", line):
            shown.add(table + comment[1])
    assert shown == {key for key, value in keys_of(Settings).items() if value is None}


def test_every_key_stands_under_a_comment() -> None:
    lines = DEFAULT.read_text("utf-8").splitlines()
    for before, line in itertools.pairwise(lines):
        if re.match(r"\w+ = ", line):
            assert before.strip(), f"a blank line instead of a comment above: {line}"
            assert not before.startswith("["), f"no comment above: {line}"


def test_loading_the_file_changes_nothing() -> None:
    assert load(DEFAULT, environment={}) == Settings()


def test_the_environment_can_set_every_list() -> None:
    lists = {key.rsplit(".")[-1] for key, value in keys_of(Settings).items() if isinstance(value, list)}
    assert lists == LISTS


def test_the_demo_file_turns_the_demo_on_and_asks_for_no_second_factor() -> None:
    open_to_all = PeopleSettings(require_second_factor=False)
    assert load(DEFAULT, HOUSE / "config/demo.toml", environment={}) == Settings(demo=True, people=open_to_all)


def test_later_files_and_the_environment_win(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("[web]\nport = 1001\nguide_port = 1002\n")
    (tmp_path / "b.toml").write_text("[web]\nport = 1003\n")
    settings = load(tmp_path / "a.toml", tmp_path / "b.toml", environment={"HOPSO_WEB__PUBLIC_URL": "https://x"})
    assert (settings.web.port, settings.web.guide_port, settings.web.public_url) == (1003, 1002, "https://x")


def test_a_secret_comes_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql+psycopg://u:p@h/d\n")
    settings = load(DEFAULT, environment={"HOPSO_DATABASE__URL_FILE": str(tmp_path / "url")})
    assert settings.database.url == "postgresql+psycopg://u:p@h/d"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[web]\nprot = 1\n", "web.prot"),
        ("[web]\nport = 0\n", "web.port"),
        ("demo = 'maybe'\n", "demo"),
        ("[wed]\n", "wed"),
    ],
)
def test_an_unknown_or_wrong_key_is_named(tmp_path: Path, text: str, named: str) -> None:
    (tmp_path / "a.toml").write_text(text)
    with pytest.raises(Invalid) as caught:
        load(tmp_path / "a.toml", environment={})
    keys = caught.value.details["keys"]
    assert isinstance(keys, list)
    assert [key.split(":")[0] for key in keys] == [named]


@pytest.mark.parametrize("content", [b"web = [\n", b"\xff\xfe[web]", None])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "a.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(Invalid) as caught:
        load(file, environment={})
    assert str(caught.value.details["keys"]).count(str(file)) == 1
    with pytest.raises(Invalid):
        load(DEFAULT, environment={"HOPSO_BUS__REDIS_URL_FILE": str(tmp_path)})


def test_a_file_saved_by_the_editor_of_windows_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("[web]\nport = 1001\n", "utf-8-sig")
    assert load(tmp_path / "a.toml", environment={}).web.port == 1001


@pytest.mark.parametrize("order", [1, -1])
def test_a_table_that_the_environment_gives_one_value_is_named(order: int) -> None:
    with pytest.raises(Invalid) as caught:
        load(environment=dict([("HOPSO_WEB", "5"), ("HOPSO_WEB__PORT", "7")][::order]))
    assert "web" in str(caught.value.details["keys"])


def test_each_media_process_has_a_socket_a_port_and_announced_ports_of_its_own() -> None:
    media = MediaSettings(
        control_socket=Path("var/media.sock"), port=8444, processes=3, elsewhere=[Path("/run/there.sock")],
        announce=["10.1.2.3", "203.0.113.5:9444", "[2001:db8::5]:9444"],
    )  # fmt: skip
    assert [str(one) for one in media.sockets()] == [
        "var/media.sock", "var/media-2.sock", "var/media-3.sock", "/run/there.sock",
    ]  # fmt: skip
    assert media.nth(1) == media
    third = media.nth(3)
    assert (third.control_socket, third.port) == (Path("var/media-3.sock"), 8446)
    assert third.announce == ["10.1.2.3", "203.0.113.5:9446", "[2001:db8::5]:9446"]
    assert MediaSettings(port=0).nth(2).port == 0, "any free one stays any free one"


REGISTRIES = ("py" + r"pi\.org", "python" + "hosted", "npm" + r"js\.", "files\\.python" + "hosted", "deb" + r"\.debian")
MACHINE_PATHS = ("/wo" + "rk/", "/ro" + "ot/", "/ho" + r"me/\w", "/fa" + "rm/", "/Us" + "ers/")
SECRETS = ("BEGIN (?:EC |RSA |OPENSSH )?PRIV" + "ATE KEY", r"AK" + "IA[0-9A-Z]{16}", r"gh" + "[pousr]_[A-Za-z0-9]{36}")


@pytest.mark.parametrize("pattern", [*REGISTRIES, *MACHINE_PATHS, *SECRETS])
def test_the_repository_names_no_registry_no_machine_and_no_secret(pattern: str) -> None:
    search = ["git", "-c", f"safe.directory={HOUSE}", "grep", "-nIP", pattern, "--", ".", ":!docs/third-party*"]
    found = subprocess.run(search, cwd=HOUSE, capture_output=True, text=True, check=False)
    assert found.returncode in (0, 1), found.stderr
    assert found.stdout == ""
