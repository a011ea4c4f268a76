"""The command line that a process shows to ``ps``: that of the program it has become by forking.

The kernel is told where it stands (``PR_SET_MM_MAP``, Linux, no privilege needed). Writing over the old
one, as the library setproctitle does, leaves room for a few words only, or costs the environment that
stands behind it; and gunicorn gives its processes other names wherever that library is installed.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

PR_SET_MM, PR_SET_MM_MAP = 35, 14
NO_FILE: Final = 2**32 - 1
# Where /proc/PID/stat tells what is to stay as it is, counted from its first field, which is 1.
FIELDS: Final = {
    "start_code": 26,
    "end_code": 27,
    "start_stack": 28,
    "start_data": 45,
    "end_data": 46,
    "start_brk": 47,
}
STATE_FIELD: Final = 3

# Read by the kernel for as long as the process lives.
_shown: list[object] = []


class _Map(ctypes.Structure):
    """``struct prctl_mm_map`` of linux/prctl.h."""

    _fields_ = (
        ("start_code", ctypes.c_uint64),
        ("end_code", ctypes.c_uint64),
        ("start_data", ctypes.c_uint64),
        ("end_data", ctypes.c_uint64),
        ("start_brk", ctypes.c_uint64),
        ("brk", ctypes.c_uint64),
        ("start_stack", ctypes.c_uint64),
        ("arg_start", ctypes.c_uint64),
        ("arg_end", ctypes.c_uint64),
        ("env_start", ctypes.c_uint64),
        ("env_end", ctypes.c_uint64),
        ("auxv", ctypes.c_uint64),
        ("auxv_size", ctypes.c_uint32),
        ("exe_fd", ctypes.c_uint32),
    )


def show(command: Sequence[str], environ: Mapping[str, str]) -> None:
    """Show ``command`` and ``environ`` as those of this process. Raises OSError where the kernel cannot."""
    words = _block(command)
    text = ctypes.create_string_buffer(words + _block(f"{name}={value}" for name, value in environ.items()))
    begin = ctypes.addressof(text)
    # One octet more is the end that ctypes adds.
    end = begin + len(text) - 1
    place = _Map(exe_fd=NO_FILE, arg_start=begin, arg_end=begin + len(words), env_end=end, **_unchanged())
    place.env_start = place.arg_end
    _tell_kernel(place)
    _shown.append(text)


def _block(words: Iterable[str]) -> bytes:
    return b"".join(os.fsencode(word) + b"\0" for word in words)


def _unchanged() -> dict[str, int]:
    words = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    return {name: int(words[field - STATE_FIELD]) for name, field in FIELDS.items()}


def _tell_kernel(place: _Map) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    library.sbrk.restype = ctypes.c_void_p
    words = [
        ctypes.c_ulong(word) for word in (PR_SET_MM_MAP, ctypes.addressof(place), ctypes.sizeof(place), 0)
    ]
    # Last of all: the end of the heap, which every allocation may move.
    place.brk = library.sbrk(0)
    if library.prctl(PR_SET_MM, *words) != 0:
        raise OSError(ctypes.get_errno(), "the kernel takes no other command line")
