"""The errors Vigie raises on purpose.

    ScannerError
    ├── ConfigError    a file the user wrote (site folder, options) is wrong: file, line, path, found, expected
    ├── ScopeError     a request leaves what the site authorises
    ├── ParseError     a recording or a document cannot be read: source and line
    └── PolicyError    a rule file is wrong: file and line

A dead or refusing device is not an error: it is Evidence with a status. Lives in the leftmost package so that every
layer can raise it (docs/architecture.md, "errors").
"""

from dataclasses import dataclass

# Not frozen: Python itself writes `__traceback__` on an exception that passes a context manager.


class ScannerError(Exception):
    """Anything Vigie refuses on purpose; `str()` is one line for a person."""


@dataclass(eq=False)
class ConfigError(ScannerError):
    """A mistake in a file the user wrote."""

    file: str
    line: int | None
    path: str
    found: str
    expected: str

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        path = f" {self.path}:" if self.path else ""
        return f"{where}:{path} found {self.found}, expected {self.expected}"


@dataclass(eq=False)
class ScopeError(ScannerError):
    """A request that the site does not authorise; nothing was sent."""

    target: str
    reason: str

    def __str__(self) -> str:
        return f"{self.target}: not scanned: {self.reason}"


@dataclass(eq=False)
class ParseError(ScannerError):
    """A recording or document that cannot be read."""

    source: str
    line: int | None
    reason: str

    def __str__(self) -> str:
        where = self.source if self.line is None else f"{self.source}:{self.line}"
        return f"{where}: {self.reason}"


@dataclass(eq=False)
class PolicyError(ScannerError):
    """A rule, its annotations or its data that cannot be used."""

    file: str
    line: int | None
    reason: str

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{where}: {self.reason}"
