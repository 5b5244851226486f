"""`system.*` of what keeps data: shares, volumes, copies, and what leads to them from outside."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class Share:
    """A shared folder."""

    name: str
    protocol: Literal["smb", "nfs", "afp", "ftp", "webdav", "rsync"] | None = None  # None: whichever is on
    path: str | None = None
    guest: bool | None = None
    writable: bool | None = None
    encrypted: bool | None = None  # at rest
    writers: tuple[str, ...] | None = None  # users and @groups that may write, as the device names them


@dataclass(frozen=True, slots=True)
class SmbSettings:
    """The device's own SMB settings."""

    minimum_protocol: str | None = None  # "NT1", "SMB2_02", "SMB3"
    encryption: Literal["off", "offered", "required"] | None = None
    signing: Literal["off", "offered", "required"] | None = None


@dataclass(frozen=True, slots=True)
class Volume:
    """A storage volume."""

    name: str
    state: str | None = None  # "normal", "degraded", "crashed", or the device's own word
    free_percent: int | None = None
    raid: str | None = None  # "raid1", "raid5", "shr", "raidz1", "single" …
    encrypted: bool | None = None


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup job."""

    name: str
    target: str | None = None
    last_success: datetime | None = None
    last_result: Literal["success", "failed", "running", "never"] | None = None
    enabled: bool | None = None
    encrypted: bool | None = None
    schedule: str | None = None  # as the device writes it
    last_restore_test: datetime | None = None


@dataclass(frozen=True, slots=True)
class SnapshotPlan:
    """Copies of a share or volume that the device keeps beside it."""

    of: str  # the share or volume
    enabled: bool | None = None
    schedule: str | None = None  # as the device writes it
    kept: int | None = None  # how many
    last: datetime | None = None
    immutable: bool | None = None


@dataclass(frozen=True, slots=True)
class Relay:
    """A service of somebody else by which the device is reached or found from the Internet."""

    kind: Literal["quickconnect", "myqnapcloud", "ddns", "mikrotik_cloud", "fortigate_cloud", "tailscale", "other"]
    enabled: bool
    name: str | None = None  # the host name of a DDNS entry, or the maker's own id of the device


@dataclass(frozen=True, slots=True)
class AutoBlock:
    """Whether the device shuts out who guesses passwords."""

    enabled: bool
    attempts: int | None = None
    within_min: int | None = None  # minutes


@dataclass(frozen=True, slots=True)
class PublicLinks:
    """Links by which anybody who has one reads a file; counted, never listed."""

    count: int
    without_password: int | None = None
    without_end: int | None = None


@dataclass(frozen=True, slots=True)
class Antivirus:
    """The device's own virus scanner."""

    enabled: bool
    signatures: datetime | None = None
    last_scan: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ups:
    """The battery that the device, or the device is, as it knows it."""

    connected: bool
    model: str | None = None
    shutdown: bool | None = None  # the device stops in order before the battery is empty
    battery: Literal["good", "low", "replace"] | None = None
