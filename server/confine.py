"""A process locks itself in before it reads a single byte that a stranger wrote.

Order: rlimits → `no_new_privs` → Landlock (files, TCP, signals) → seccomp (sockets, programs, kernel
doors). Everything by ctypes, unprivileged, on Linux; what the kernel does not offer is named in the
answer of `confine`, and the caller logs it. Sources: landlock(7), seccomp(2), prctl(2), bpf(4).
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import signal
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

import msgspec


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a confined process may still do."""

    read: list[str]
    """Files and folders it may read and execute; those that do not exist are passed over."""
    write: list[str]
    """Folders in which it may do anything with files."""
    memory_mb: int = 0
    """Address space (RLIMIT_AS); 0 = unlimited, for programs that map more than they use."""
    cpu_s: int = 60
    file_mb: int = 512
    """The largest file it may write."""
    descriptors: int = 64


PROGRAM_FILES = [
    sys.prefix, sys.base_prefix, str(Path(__file__).parent), "/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache",
    "/etc/localtime", "/etc/fonts", "/dev/urandom",
]  # fmt: skip
"""What a Python program of ours reads to run at all."""

PR_SET_PDEATHSIG, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 22, 38
SECCOMP_MODE_FILTER = 2
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same numbers on every architecture
LANDLOCK_RULE_PATH_BENEATH = 1
READ_ONLY = 0b1101
"""EXECUTE, READ_FILE, READ_DIR."""
ONLY_FOR_FOLDERS = 0b0011_1111_1111_1000
"""READ_DIR, the removing and making rights, REFER: the kernel refuses them in a rule for a plain file."""
FILE_RIGHTS_BY_ABI = {1: 13, 2: 14, 3: 15, 4: 15}
"""How many file rights the kernel knows; later ones know 16 (IOCTL_DEV)."""

_libc = ctypes.CDLL(None, use_errno=True)


def confine(policy: Policy) -> list[str]:
    """Lock this process in; returns the layers this kernel could not give ("landlock", "seccomp")."""
    _limit(policy)
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if _libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return ["no_new_privs", "landlock", "seccomp"]
    missing = [] if _landlock(policy) else ["landlock"]
    return missing if _seccomp() else [*missing, "seccomp"]


def environment(folder: Path) -> dict[str, str]:
    """All the environment a confined process gets: nothing of ours that could hold a secret."""
    home = str(folder)
    return {
        "PATH": os.defpath,
        "HOME": home,
        "TMPDIR": home,
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(Path(__file__).parent.parent),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONMALLOC": "malloc",
        "MALLOC_ARENA_MAX": "2",
    }


def _limit(policy: Policy) -> None:
    megabyte = 1 << 20
    wanted = {
        resource.RLIMIT_CPU: policy.cpu_s,
        resource.RLIMIT_FSIZE: policy.file_mb * megabyte,
        resource.RLIMIT_NOFILE: policy.descriptors,
        resource.RLIMIT_CORE: 0,
    }
    if policy.memory_mb:
        wanted[resource.RLIMIT_AS] = policy.memory_mb * megabyte
    for what, limit in wanted.items():
        _, hard = resource.getrlimit(what)
        bounded = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(what, (bounded, bounded))


def _landlock(policy: Policy) -> bool:
    abi = _libc.syscall(CREATE_RULESET, None, 0, 1)
    if abi < 1:
        return False
    rights = (1 << FILE_RIGHTS_BY_ABI.get(abi, 16)) - 1
    # TCP bind and connect from ABI 4, abstract Unix sockets and signals to outsiders from ABI 6.
    attributes = struct.pack("=QQQ", rights, 0b11, 0b11)[: 8 if abi < 4 else 16 if abi < 6 else 24]
    rules = _libc.syscall(CREATE_RULESET, attributes, len(attributes), 0)
    if rules < 0:
        return False
    _allow(rules, policy.read, READ_ONLY)
    _allow(rules, policy.write, rights)
    locked: bool = _libc.syscall(RESTRICT_SELF, rules, 0) == 0
    os.close(rules)
    return locked


def _allow(rules: int, paths: Iterable[str], rights: int) -> None:
    for path in paths:
        try:
            opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue
        granted = rights if Path(path).is_dir() else rights & ~ONLY_FOR_FOLDERS
        beneath = struct.pack("=Qi", granted, opened)
        _libc.syscall(ADD_RULE, rules, LANDLOCK_RULE_PATH_BENEATH, beneath, 0)
        os.close(opened)


class _Numbers(msgspec.Struct, frozen=True):
    """System call numbers of one architecture (audit architecture first)."""

    architecture: int
    socket: int
    clone: int
    starting: tuple[int, ...]
    """execve, execveat, fork, vfork."""
    doors: tuple[int, ...]
    """ptrace, mount family, bpf, keys, kexec, modules, perf, io_uring, userfaultfd, namespaces, process_vm_*."""


CLONE3 = 435
IO_URING = (425, 426, 427)
NUMBERS = {
    "x86_64": _Numbers(
        0xC000003E,
        41,
        56,
        (59, 322, 57, 58),
        (101, 155, 165, 166, 167, 169, 175, 176, 246, 248, 249, 250, 272, 298, 304, 308, 310, 311, 313, 320, 321, 323),
    ),
    "aarch64": _Numbers(
        0xC00000B7,
        198,
        220,
        (221, 281),
        (39, 40, 41, 97, 104, 105, 106, 117, 142, 217, 218, 219, 224, 241, 265, 268, 270, 271, 273, 280, 282, 294),
    ),
}
LOAD, JUMP_EQUAL, JUMP_AT_LEAST, JUMP_ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
"""BPF operations on the loaded word (linux/bpf_common.h)."""
NUMBER_AT, ARCHITECTURE_AT, FIRST_ARGUMENT_AT = 0, 4, 16
ALLOW, KILL, REFUSE = 0x7FFF0000, 0x80000000, 0x00050000
EPERM, ENOSYS, EAFNOSUPPORT = 1, 38, 97
CLONE_THREAD, X32 = 0x00010000, 0x40000000


def _seccomp() -> bool:
    numbers = NUMBERS.get(platform.machine())
    if numbers is None or sys.byteorder != "little":
        return False
    code = b"".join(struct.pack("=HBBI", *step) for step in _filter(numbers))
    kept = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("@HxxxxxxQ", len(code) // 8, ctypes.addressof(kept))
    locked: bool = _libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program, 0, 0) == 0
    return locked


def _filter(numbers: _Numbers) -> list[tuple[int, int, int, int]]:
    """The filter: (operation, steps to skip if true, if false, operand) each."""
    steps = [
        (LOAD, 0, 0, ARCHITECTURE_AT),
        (JUMP_EQUAL, 1, 0, numbers.architecture),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER_AT),
        (JUMP_AT_LEAST, 0, 1, X32),
        (RETURN, 0, 0, KILL),
    ]
    for number in numbers.doors + IO_URING + numbers.starting:
        steps += [(JUMP_EQUAL, 0, 1, number), (RETURN, 0, 0, REFUSE | EPERM)]
    # Threads stay allowed, processes do not; clone3 hides its flags, so the C library falls back to clone.
    steps += [
        *((JUMP_EQUAL, 0, 1, numbers.socket), (RETURN, 0, 0, REFUSE | EAFNOSUPPORT)),
        *((JUMP_EQUAL, 0, 1, CLONE3), (RETURN, 0, 0, REFUSE | ENOSYS)),
        (JUMP_EQUAL, 0, 3, numbers.clone),
        (LOAD, 0, 0, FIRST_ARGUMENT_AT),
        (JUMP_ANY_BIT, 1, 0, CLONE_THREAD),
        (RETURN, 0, 0, REFUSE | EPERM),
    ]
    return [*steps, (RETURN, 0, 0, ALLOW)]
