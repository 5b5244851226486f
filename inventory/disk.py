"""Files where somebody else may have written, or planted something: read bounded, written without following a link."""

import errno
import os
import stat
import tempfile
from pathlib import Path

_NO_FILE = "something that is no regular file"


def content(path: Path, most: int, *, follow: bool = False) -> bytes:
    """The bytes of a regular file of at most `most` bytes; OSError with its reason in `strerror` for anything else.

    `follow` for a file that its owner may keep elsewhere and link to; in a run folder a link is somebody's trap.
    """
    # O_NONBLOCK: a named pipe planted under that name must not hang the reader until somebody writes into it.
    flags = os.O_RDONLY | os.O_NONBLOCK | (0 if follow else os.O_NOFOLLOW)
    try:
        handle = os.open(path, flags)
    except OSError as error:
        if error.errno == errno.ELOOP and not follow:
            raise OSError(errno.ELOOP, "a link, which is not followed", str(path)) from error
        if error.errno == errno.ENOENT:
            raise FileNotFoundError(errno.ENOENT, "no such file", str(path)) from error
        raise
    try:
        mode = os.fstat(handle).st_mode
        if not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, "a folder" if stat.S_ISDIR(mode) else _NO_FILE, str(path))
        with os.fdopen(handle, "rb", closefd=False) as file:
            raw = file.read(most + 1)
    finally:
        os.close(handle)
    if len(raw) > most:
        raise OSError(errno.EFBIG, f"more than {most} bytes", str(path))
    return raw


def write(path: Path, raw: bytes) -> None:
    """The bytes under that name, replaced whole: a link planted there is replaced too, never followed.

    OSError, and nothing changed, where a device, a pipe or a folder is: `-o /dev/null` must not replace it.
    """
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, _NO_FILE, str(path))
    handle, name = tempfile.mkstemp(prefix=".draft-", dir=path.parent)
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def replaced(path: Path, raw: bytes, before: bytes) -> None:
    """The user's own file holds `raw` instead of `before`, at once or not at all, with the rights it had.

    A link that its owner made stays one: the file it leads to is replaced. OSError when somebody else changed the file.
    """
    real = path.resolve(strict=True)
    if content(real, len(before)) != before:
        raise OSError(errno.EBUSY, "a file that somebody else just changed", str(path))
    had = real.stat()
    handle, name = tempfile.mkstemp(prefix=".draft-", dir=real.parent)
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), stat.S_IMODE(had.st_mode))
            if (had.st_uid, had.st_gid) != (os.geteuid(), os.getegid()):
                os.fchown(file.fileno(), had.st_uid, had.st_gid)
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(real)
    finally:
        draft.unlink(missing_ok=True)
