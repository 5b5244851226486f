"""Secrets in the configurations of Vyatta's children: VyOS, EdgeOS, USG, in braces and as `set` commands.

A setting that holds a secret is known by the word before its value; `key` and the like are so only where a line begins
with them, or where the value ends a `set` line. Communities that everybody knows stay: to have one is a finding.
"""

import re

from scanner.secret_settings import KNOWN_COMMUNITIES, REDACTED

_KEYS = (
    r"(?:[\w-]{0,32}-)?(?:passwo?r?d|passphrase|secret)|pass|pre-?shared-key|private-key|psk|key|(?:auth|authentication"
    r"|encryption|static|md5|tcp-md5|shared|api|master|plaintext|encrypted|account|connection|license|wep)-key|cak|ckn"
    r"|cisco-authentication|(?:auth-)?token|pin|otp|community|authkey|credentials?|md5"
)
_VALUE = r"\"(?:[^\"\\]|\\[\s\S])*+\"?|'[^']*+'?|[^\s{}\"'][^\s{}]*+"
_ASIDE = rf"(?!\{{|{REDACTED}\b)"
_BRACES = re.compile(rf"(?m)^([ \t]*+(?:!?[ \t]*+)(?:{_KEYS})[ \t]++){_ASIDE}({_VALUE})(?=[ \t\r]*+(?:\{{|/\*|$))")
_SET = re.compile(rf"(?m)^([ \t]*+set[ \t](?:[^\s'\"]++[ \t]++)*?(?:{_KEYS})[ \t]++){_ASIDE}({_VALUE})(?=[ \t\r]*+$)")
# Where a community has settings of its own, or is told with something that follows.
_COMMUNITY = re.compile(
    rf"(?m)^([ \t]*+set service snmp (?:community|trap-target \S{{1,64}} community)[ \t]++){_ASIDE}({_VALUE})"
)
# The variables of containers hold whatever their author wrote down.
_VARIABLE = re.compile(
    rf"(?m)^([ \t]*+environment[ \t]++\S{{1,128}}[ \t]++\{{\s{{1,256}}value[ \t]++"
    rf"|[ \t]*+set container name \S{{1,128}} environment \S{{1,128}} value[ \t]++){_ASIDE}({_VALUE})"
)
# How a French provider knows a subscriber (options 90 and 11 of DHCP), and UISP's address of a router with its key.
_SUBSCRIBER = re.compile(r"(?i)((?:rfc3118-authentication|dhcp6?\.auth(?:entication)?)[ \t=]++(?!code\b))[^\s;\"'&]++")
_UISP = re.compile(r"(?m)((?<![\w-])connection\"?[ \t]*+:?[ \t]*+[\"']?)wss?://[^\s\"']++")
# The options of an OpenVPN daemon, of a script or of a task are one string.
_OPTION = re.compile(r"(?i)((?:--?|\b)(?:password|passwd|secret|token|api[-_]?key)[= ])(?!REDACTED)[^\s\"'&;]++")
# What `named_values` does not take for a secret in JSON.
_DUMPED = re.compile(
    r'("(?:cak|ckn|md5|cisco-authentication|(?!public-)[\w-]{1,32}-key)"[ \t]*+:[ \t\r\n]{0,8}+)'
    r'"((?:[^"\\]|\\[\s\S])++)(?:"|\\?\Z)'
)
# In the JSON of a USG a community is a name, and what stands in it are its settings.
_COMMUNITIES = re.compile(r'"community"[ \t]*+:[ \t]*+\{')
# A name that nothing closes goes to the end: were it none, every quote within it would be looked at to the end again.
_PIECE = re.compile(r'"((?:[^"\\]|\\[\s\S])*+)(?:"([ \t\r\n]*+:)?|(\\?\Z))|[{}]')
_STRINGS = re.compile(
    r"(?m)^[ \t]*+(?:set [^\n\"']{0,400}?)?(?:openvpn-option|arguments|command|options)[ \t]++[^\n]*+"
)


def without(text: str) -> str:
    r"""The text without the values of settings that hold a secret.

    >>> without("        password Soleil2024 /* FAI */\n        user-id fti")
    '        password REDACTED /* FAI */\n        user-id fti'
    >>> without("set vpn ipsec authentication psk peer secret 'Soleil2024!'\nset service snmp community public")
    'set vpn ipsec authentication psk peer secret REDACTED\nset service snmp community public'
    """
    text = _DUMPED.sub(
        lambda found: f'{found[1]}"{REDACTED}"' + "\n" * found[2].count("\n"), _without_communities(text)
    )
    for form in (_BRACES, _SET, _COMMUNITY, _VARIABLE):
        text = form.sub(_redacted, text)
    text = _SUBSCRIBER.sub(rf"\g<1>{REDACTED}", text)
    text = _UISP.sub(rf"\g<1>{REDACTED}", text)
    return _STRINGS.sub(lambda found: _OPTION.sub(rf"\g<1>{REDACTED}", found[0]), text)


def _without_communities(text: str) -> str:
    r"""JSON whose communities have other names, each its own: two of them are not the same one.

    >>> _without_communities('{"community": {"a1": {"authorization": "ro"}, "public": {}, "b2": {}}}')
    '{"community": {"REDACTED": {"authorization": "ro"}, "public": {}, "REDACTED ": {}}}'
    """
    parts: list[str] = []
    at = 0
    while found := _COMMUNITIES.search(text, at):
        parts.append(text[at : found.end()])
        at, depth, count = found.end(), 1, 0
        while depth and (piece := _PIECE.search(text, at)):
            said = piece[0]
            depth += {"{": 1, "}": -1}.get(said, 0)
            is_name = depth == 1 and (piece[2] or piece[3] is not None)
            if is_name and piece[1] not in KNOWN_COMMUNITIES and not piece[1].startswith(REDACTED):
                said = f'"{REDACTED}{" " * min(count, 64)}"' + "\n" * piece[1].count("\n") + (piece[2] or "")
                count += 1
            parts.append(text[at : piece.start()] + said)
            at = piece.end()
        if depth:
            break
    return "".join(parts) + text[at:]


def _redacted(match: re.Match[str]) -> str:
    """The setting without its value, and as many lines."""
    if match[2].strip("\"'") in KNOWN_COMMUNITIES and match[1].rstrip().endswith("community"):
        return match[0]
    return f"{match[1]}{REDACTED}" + "\n" * match[2].count("\n")
