"""OpenDKIM's own library, which opendkim and opendkim-testmsg are made of, asked about a message.

Called directly because the programs ask the machine's DNS for the key, and the library reads it from a file.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from ctypes import POINTER, byref, c_bool, c_char_p, c_int, c_size_t, c_void_p
from ctypes.util import find_library
from pathlib import Path

from newsletter_app.mail.dkim_keys import SigningKey

# Of opendkim's dkim.h.
_SET, _QUERY_METHOD, _QUERY_INFO, _FROM_FILE = 1, 6, 7, 1


def is_here() -> bool:
    """Whether this machine has the library."""
    return find_library("opendkim") is not None


def verdict(message: bytes, keys: Sequence[SigningKey], domain: str, folder: Path) -> str:
    """Return what OpenDKIM says of a message: "Success", "Bad signature", "No signature" and so on."""
    library = _library()
    records = folder / "records"
    records.write_text("".join(f"{key.record_name(domain)} {key.record()}\n" for key in keys))
    opened = library.dkim_init(None, None)
    method, place, state = c_int(_FROM_FILE), str(records).encode(), c_int()
    library.dkim_options(opened, _SET, _QUERY_METHOD, byref(method), ctypes.sizeof(method))
    library.dkim_options(opened, _SET, _QUERY_INFO, c_char_p(place), len(place))
    handle = library.dkim_verify(opened, b"test", None, byref(state))
    try:
        library.dkim_chunk(handle, message, len(message))
        library.dkim_chunk(handle, None, 0)
        result: bytes = library.dkim_getresultstr(library.dkim_eom(handle, byref(c_bool())))
        return result.decode()
    finally:
        library.dkim_free(handle)
        library.dkim_close(opened)


def _library() -> ctypes.CDLL:
    library = ctypes.CDLL(find_library("opendkim") or "libopendkim.so")
    library.dkim_init.restype = library.dkim_verify.restype = c_void_p
    library.dkim_init.argtypes = [c_void_p, c_void_p]
    library.dkim_options.argtypes = [c_void_p, c_int, c_int, c_void_p, c_size_t]
    library.dkim_verify.argtypes = [c_void_p, c_char_p, c_void_p, POINTER(c_int)]
    library.dkim_chunk.argtypes = [c_void_p, c_char_p, c_size_t]
    library.dkim_eom.argtypes = [c_void_p, POINTER(c_bool)]
    library.dkim_getresultstr.argtypes, library.dkim_getresultstr.restype = [c_int], c_char_p
    library.dkim_free.argtypes = library.dkim_close.argtypes = [c_void_p]
    return library
