"""Secrets in what a Linux server keeps beside the settings that are read: snmpd.conf, rsyslog and OpenVPN.

Communities and users of snmpd are seen to by `secret_store`, which keeps who may ask; nothing is read of these lines.
"""

import re

_REDACTED = "REDACTED"
# Receivers of traps with their communities, and passphrases of version 3.
_SNMPD = re.compile(
    r"(?im)^([ \t]*+(?:trapcommunity|authcommunity|trap2?sink|informsink|trapsess|proxy(?=[ \t]+-)|smuxpeer"
    r"|def(?:Auth|Priv)?Passphrase|def(?:Auth|Priv)(?:Master|Local)Key|usmUser))[ \t]++[^\n\r]++"
)
# rsyslog's databases: `:ommysql:host,base,user,password` and `pwd="…"`; headers and parameters of other receivers.
_DATABASE = re.compile(r"(:om[a-z]{1,12}:)[^\n\r;]{1,400}+")
_ACTION = re.compile(r'(?im)((?<![\w.])(?:pwd|pass|httpheaders?(?:value)?|confparam)=)("[^"\n]*+"?|\[[^\]\n]*+\]?)')

# What a collector of logs knows its customer by, in the structured data of a template: `[token@41058 …]`.
_CUSTOMER = re.compile(
    r"(?i)(\bstring=\"[^\"\n\[]{0,256}\[|^\$template [^\n\[]{0,256}\[)[\w-]{8,128}(?=@\d)", re.MULTILINE
)


# Keys within a configuration of OpenVPN; a line of XML is none.
_BLOCK = re.compile(
    r"(?m)^([ \t]*+<(?:key|secret|tls-auth|tls-crypt(?:-v2)?|pkcs12|auth-user-pass)>[ \t\r]*+)"
    r"((?:\n(?![ \t]*+<)[^\n]*+)++)"
)


def without(text: str) -> str:
    r"""The text without them.

    >>> without('trapsink 192.168.10.5 Soleil2024\n*.* :ommysql:localhost,Syslog,rsyslog,Soleil2024;Modele\n')
    'trapsink REDACTED\n*.* :ommysql:REDACTED;Modele\n'
    """
    text = _DATABASE.sub(rf"\g<1>{_REDACTED}", _SNMPD.sub(rf"\g<1> {_REDACTED}", text))
    text = _CUSTOMER.sub(rf"\g<1>{_REDACTED}", text)
    text = _BLOCK.sub(lambda block: f"{block[1]}\n{_REDACTED}" + "\n" * (block[2].count("\n") - 1), text)
    return _ACTION.sub(_action, text)


def _action(match: re.Match[str]) -> str:
    if match[2] in ('""', "[]"):
        return match[0]
    return f'{match[1]}"{_REDACTED}"'
