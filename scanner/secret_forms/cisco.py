"""Secrets in the configurations of Cisco IOS and of the small business switches: what stands behind their keywords."""

import re

REDACTED = "REDACTED"
_KNOWN = frozenset({"public", "private"})

# A text that has none of these is of another maker: there `key` and `secret` are words like others.
_SIGN = re.compile(
    r"(?m)^(?:version \d{1,2}\.\d|Current configuration|config-file-header|line (?:vty|con|console)\b|aaa new-model"
    r"|enable (?:secret|password)|username \S{1,64} (?:privilege|secret|password|encrypted|nopassword|view)"
    r"|(?:encrypted )?(?:snmp-server|radius-server|tacacs-server) |crypto (?:isakmp|ikev2|map|ipsec|pki)"
    r"|(?:interface (?:range )?(?:[A-Z][A-Za-z]{2,20} ?\d|vlan \d|[fgt][aie]\d|Dialer))|key chain |service password-enc"
    r"|ntp authentication-key|radius server |tacacs server |wlan \S|dot11 ssid )"
)
_TYPE = r"(?:(?:[0-9]|encrypted|ascii|hex|clear|text|plaintext|unencrypted|enc)[ ]++){0,3}"
_VALUE = r"(?!\d{1,2}[ \r]*$|[:=][ \t])(?:\"[^\"\n]*+\"|[^\s\"]++)"
# Not `key 1` of a key chain, `key chain X`, `password encryption`, `crypto key generate`, nor names of ways to log in.
_KEYED = re.compile(
    r"(?mi)(?<![\w-])((?:(?<!authentication )(?:password|secret|passphrase)(?: level \d{1,2})?|key-string|server-key"
    r"|pre-shared-key(?: local| remote)?|pre-shared-key address [\d.]{7,15}(?: [\d.]{7,15})? key"
    r"|(?<!crypto )(?<!crypto pki )key(?! (?:chain|config-key|generate|import|zeroize|export|mypubkey|pubkey-chain"
    r"|storage|encrypt|lock|unlock|rsa|authentic|in\b|\d{1,10}\s*$|\d size ))"
    r"|md5(?! key-)|sha|sha256|wpa-psk|wep key \d"
    r"|authentication-key(?: \d{1,10} (?:md5|sha\d?|hmac-\S{1,12}|cmac-\S{1,12}))?"
    r"|authentication text|passwd|shared-secret|cak|psk(?! set-key)|snmp-server community|community-map"
    r"|priv(?:acy)?(?: (?:des|des56|3des|aes|aes-?(?:128|192|256)))?(?: (?:128|192|256))?"
    rf"|auth(?: (?:md5|sha|sha-?\d{{3}})))[ ]++{_TYPE})({_VALUE})"
)
_WHOLE = (
    # Receivers of traps: their community stands behind the version, or alone.
    re.compile(
        r"(?m)^([ ]*+(?:encrypted )?snmp-server host \S{1,64}(?: vrf \S{1,32})?(?: traps?| informs?)?"
        r"(?: version (?:1|2c|2|3 (?:auth|noauth|priv)))?(?: 1| 2)? )([^\s\"]++)"
    ),
    re.compile(r"(?m)^([ ]*+(?:standby|glbp|vrrp) (?:\d{1,4} )?authentication )(?!md5|text)(\S++)"),
    re.compile(r"(?m)^([ ]*+(?:ip|ipv6) nhrp authentication )(\S++)"),
    re.compile(r"(?m)^([ ]*+security wpa (?:akm )?psk set-key (?:ascii|hex) (?:\d )?)(\S++)"),
    re.compile(r"(?m)^([ ]*+encryption (?:vlan \d{1,4} )?key \d size \d{2,3} ?bits? (?:\d )?)(\S++)"),
    re.compile(r"(?m)^([ ]*+ip msdp password peer \S{1,64} (?:\d )?)(\S++)"),
    # Alone on its line a key may have blanks.
    re.compile(r"(?m)^([ ]*+key-string (?:[0-9] )?)(?!\d[ \r]*$)(\S[^\r\n]*+)"),
    # The account of a mail server, in an applet of the event manager.
    re.compile(r"(?m)^([ ]*+action \S{1,16} mail server \"[^\":@\s]{1,64}:)([^\"\r\n]{1,256}(?=@))"),
    re.compile(r"(?mi)^([ ]*+event manager environment \S{0,48}(?:pass|pwd|secret|token|key)\S{0,16} )(\S++)"),
    re.compile(
        r"(?m)^([ ]*+encrypted (?:radius-server|tacacs-server|snmp-server community"
        r"|sntp \S{1,32} \d{1,10} \S{1,8})(?: host \S{1,64})?(?: key)? )(\S++)"
    ),
    re.compile(r"(?m)^([ ]*+ip ospf authentication-key (?:\d )?)(\S++)"),
    re.compile(
        r"(?m)^([ ]*+ospfv3 (?:encryption|authentication) ipsec spi \d{1,10} [^\n]{1,40} (?:[07] )?)([0-9A-Fa-f]{16,})"
    ),
)  # fmt: skip
_CHAIN = re.compile(r"(?m)^([ \t]{1,8}private-key )[^\n]++")


def without(text: str) -> str:
    """The text without the secrets of such a configuration.

    >>> without("version 15.4\\nusername marie privilege 15 secret 9 $9$k1$x\\nsnmp-server community public RO")
    'version 15.4\\nusername marie privilege 15 secret 9 REDACTED\\nsnmp-server community public RO'
    """
    if not _SIGN.search(text):
        return text
    for form in _WHOLE:
        text = form.sub(_redacted, text)
    return _CHAIN.sub(rf"\g<1>{REDACTED}", _KEYED.sub(_redacted, text))


def _redacted(match: re.Match[str]) -> str:
    known = match[2] in _KNOWN and ("community" in match[1] or "snmp-server host" in match[1])
    return match[0] if known else f"{match[1]}{REDACTED}"
