"""Secrets in what DrayTek's DrayOS shows, and in the commands that its log of commands repeats.

Its answers name them in words (`% Pre-Shared Key : …`, `User Password:…`), its TR-069 by a path (`….Password= …`), its
confirmations by a sentence (`Get Community set to …`). A text without a sign of DrayOS is of another maker.
"""

import re

from scanner.secret_settings import KNOWN_COMMUNITIES, REDACTED

_SIGN = re.compile(
    r"(?m)Router Model: {0,4}Vigor|DrayTek|InternetGatewayDevice\.ManagementServer\.|^%{0,2} ?Common Settings"
    r"|^%{0,2} ?(?:Dial-(?:in|out)|Dial-In) (?:profile index|Settings)|^%{0,2} ?Profile (?:Change Log|Index|Name) ?[.:]"
    r"|^ ?(?:Get|Set|Trap) Community set to |^%{0,2} ?Commands Log:|^LDAP (?:Enable|Bind Type):|^Index:\d{1,3}\r?$"
    r"|^-{2,8} Current setting for Mail Alert|^External TACACS\+|^SMTP Server (?:IP|Port)"
)
_NAME = (
    r"(?:password|passwd|pass ?phrase|pre-?shared? ?key|psk|secret|pin(?: ?code)?|wpa2? key|wep key(?: ?\d)?"
    r"|private ?key|community(?: name)?|auth(?:entication)? ?key|priv(?:acy)? ?key|key)"
)
_WORDS = re.compile(
    rf"(?mi)^([ \t]*+%{{0,2}}[ \t]*+(?:[\w+/.-]{{1,24}} ){{0,4}}{_NAME}(?: for [\w ]{{1,40}}?)?"
    r"[ \t]{0,24}:[ \t]{0,8})"
    r"(?![ \t]|(?:Enable|Disable)d?\r?$)([^\r\n]++)"
)
_PATH = re.compile(
    r"(?mi)^([ \t]*+InternetGatewayDevice\.[\w.]{1,200}?(?:password|passphrase|key|secret|community)[ \t]*+=[ \t]*+)"
    r"(?!\s)([^\r\n]++)"
)
_SENTENCE = re.compile(r"(?m)^([ \t]*+(?:Get|Set|Trap) Community set to )([^\r\n]++)")
# What somebody typed, as its log of commands or an echo behind the prompt shows it.
_TYPED = re.compile(
    r"(?m)^([ \t]*+(?:\[\d{1,4}\] |[\w.-]{0,40}> ?)(?:sys (?:passwd|adminuser edit|mailalert)|usb user add|vpn setup"
    r"|vpn dinset \d{1,4} (?:password|pin_secret|assignkey)|vpn (?:option|wg|l2lset)|mngt (?:snmp|cert_import)|internet"
    r"|ldap set PWD|tacacsplus set|wl \w{1,16}|radius \w{1,16}|service -l|ddns \w{1,16}) )([^\r\n]++)"
)


def without(text: str) -> str:
    r"""The text without the secrets of DrayOS.

    >>> without("% Profile Name : secretariat\n% Username : vigor\n% Pre-share Key : Soleil2024")
    '% Profile Name : secretariat\n% Username : vigor\n% Pre-share Key : REDACTED'
    """
    if not _SIGN.search(text):
        return text
    for form in (_TYPED, _SENTENCE, _PATH, _WORDS):
        text = form.sub(_redacted, text)
    return text


def _redacted(match: re.Match[str]) -> str:
    known = "ommunity" in match[1] and match[2].strip() in KNOWN_COMMUNITIES
    return match[0] if known else f"{match[1]}{REDACTED}"
