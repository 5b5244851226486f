"""What paramiko removed in 5.0: SHA-1 key exchange and SHA-1 `ssh-rsa` signatures, for old switches and printers.

Only for a device that the site names, and only after it refused everything better (ADR 0009). It builds on private
names of paramiko, so that its version is held below 6 and a test logs into a real old server.
Sources: RFC 4253 §6.6, §8.1, §8.2; RFC 2409 §6.2 (the group of 1024 bits).
"""

from functools import cache
from hashlib import sha1
from typing import Any


@cache
def legacy_transport() -> Any:  # noqa: ANN401 — a class made when paramiko is there
    """Paramiko's Transport that offers the old algorithms too, after all others."""
    import paramiko
    from cryptography.hazmat.primitives.hashes import SHA1
    from paramiko.kex_group14 import KexGroup14SHA256  # type: ignore[import-untyped,unused-ignore]

    class Group14(KexGroup14SHA256):  # type: ignore[misc,unused-ignore]
        name = "diffie-hellman-group14-sha1"
        hash_algo = sha1

    class Group1(Group14):
        name = "diffie-hellman-group1-sha1"
        P = int(
            "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
            "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
            "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE65381FFFFFFFFFFFFFFFF",
            16,
        )

    class Key(paramiko.RSAKey):
        HASHES = {**paramiko.RSAKey.HASHES, "ssh-rsa": SHA1}  # type: ignore[misc] # noqa: RUF012

    base: Any = paramiko.Transport
    groups = {group.name: group for group in (Group14, Group1)}
    changed = {
        "_preferred_kex": (*base._preferred_kex, *groups),
        "_kex_info": {**base._kex_info, **groups},
        "_preferred_keys": (*base._preferred_keys, "ssh-rsa"),
        "_key_info": {**base._key_info, "ssh-rsa": Key},
    }
    return type("LegacyTransport", (base,), changed)
