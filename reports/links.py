"""What of an assessment may become a link: references and file names come from outside."""

import re
from urllib.parse import urlsplit

MAX_PATH = 255  # characters of a file name that may become a link
_FILE = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")


def safe_url(reference: str) -> str | None:
    """The reference when it is a plain https address, None when it must stay text.

    >>> safe_url("https://cyber.gouv.fr/guide"), safe_url("javascript:alert(1)"), safe_url("HYG 34")
    ('https://cyber.gouv.fr/guide', None, None)
    """
    if not reference.isascii() or not reference.isprintable() or set(reference) & set(" \"'<>\\`{}"):
        return None
    try:
        parts = urlsplit(reference)
    except ValueError:
        return None
    return reference if parts.scheme == "https" and parts.hostname and "@" not in parts.netloc else None


def safe_file(file: str) -> str | None:
    """The path when it stays below the run folder, None when it must stay text.

    >>> safe_file("evidence/0007.xml"), safe_file("../site.yaml"), safe_file("javascript:alert(1)")
    ('evidence/0007.xml', None, None)
    """
    return file if len(file) <= MAX_PATH and _FILE.fullmatch(file) else None
