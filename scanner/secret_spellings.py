"""A secret of the site as a device, a program or a format may give it back: escaped, encoded, in another charset.

Every pattern is made of the secret alone and consumes what it matched. One that a text cannot hold is not looked for.
"""

import base64
import html
import json
import re
from urllib.parse import quote, quote_plus

# Longer lines are files of keys, whose writers escape nothing; stops a hostile token from making a search slow.
_MIXED_CHARS = 80
_BASE64_BYTES = 6  # of a shorter secret too little is certain within a longer text
_NAMED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"}
_SIXES = r"[A-Za-z0-9+/_-]"


def spellings(value: str) -> list[str]:
    """Its whole spellings: plain, escaped for XML, JSON or a URL, in hex or base64; longest first."""
    lines = [line for line in value.splitlines() if line]
    forms = {form for line in lines for form in (*_in_xml(line), *_in_json(line), *_in_hex(line), *_in_url(line))}
    forms |= {base64.b64encode(line.encode()).decode() for line in lines}
    return sorted(forms, key=lambda form: (-len(form), form))


def without_spellings(text: str, value: str, marker: str) -> str:
    """The text without the secret where some of its characters are escaped, or where base64 has it within more.

    >>> without_spellings("pw=d%2Faf%e9v1", "d/afév1", "*")
    'pw=*'
    >>> without_spellings("Basic YWRtaW46ZC9hZsOpdjE=", "d/afév1", "*")
    'Basic YWRtaW46*'
    """
    for line in (line for line in value.splitlines() if line):
        run = max(re.findall(r"[A-Za-z0-9]+|$", line), key=len)
        if len(run) < len(line) <= _MIXED_CHARS and run in text:
            mixed = "".join(map(_escaped, line))
            whole = mixed if len(line) >= 8 else rf"(?<![\w-]){mixed}(?![\w-])"
            text = re.sub(whole, marker, text)
        for core, pattern in _within_base64(line):
            if core in text:
                text = re.sub(pattern, marker, text)
    return text


def _escaped(char: str) -> str:
    """One character in any of its escapes; atomic and longest first, so that a search stays linear."""
    if char.isascii() and char.isalnum():
        return char
    forms = {char, f"&#{ord(char)};", f"&#0{ord(char)};", f"&#x{ord(char):x};", _NAMED.get(char, char)}
    forms |= {json.dumps(char)[1:-1], quote(char, safe=""), "".join(f"\\x{byte:02x}" for byte in char.encode())}
    if ord(char) <= 0xFFFF:
        forms.add(f"\\u{ord(char):04x}")
    if ord(char) < 0x80:
        forms |= {f"%{ord(char):02x}", "\\" + char}
    elif ord(char) <= 0xFF:
        forms |= {f"%{ord(char):02x}", "\N{REPLACEMENT CHARACTER}"}  # latin-1, and what is left of it in UTF-8
    forms |= {"+"} if char == " " else set()
    ordered = sorted(forms, key=lambda form: (-len(form), form))
    return f"(?>{'|'.join(re.escape(form) if len(form) == 1 else f'(?i:{re.escape(form)})' for form in ordered)})"


def _within_base64(line: str) -> list[tuple[str, str]]:
    """What is certain of the line in the base64 of a text that holds it, and a pattern of it with what is half so."""
    cores: dict[str, str] = {}
    charset = "latin-1" if max(line) <= "\xff" else "utf-8"
    for raw in {line.encode(), line.encode(charset)}:
        for before in range(3) if len(raw) >= _BASE64_BYTES else ():
            bits = 8 * (before + len(raw))
            coded = base64.b64encode(bytes(before) + raw).decode()[(8 * before + 5) // 6 : bits // 6]
            tail = f"{_SIXES}={{0,2}}" if bits % 6 else ""
            for core in {coded, coded.replace("+", "-").replace("/", "_")}:
                cores[core] = (_SIXES if before else "") + re.escape(core) + tail
    return list(cores.items())


def _in_xml(line: str) -> set[str]:
    r"""The line as XML writers spell it: nmap's says `&apos;` and `-&#45;`, its scripts `\xC3\xA9` for an accent.

    >>> sorted(_in_xml("d'--"))
    ['d&#x27;-&#45;', 'd&#x27;--', 'd&apos;-&#45;', 'd&apos;--', "d'-&#45;", "d'--"]
    """
    bytewise = "".join(char if char.isascii() else "".join(f"\\x{byte:02X}" for byte in char.encode()) for char in line)
    forms = {spelt for form in (line, bytewise) for spelt in (form, html.escape(form))}
    forms |= {form.replace("&#x27;", "&apos;") for form in forms}
    return forms | {form.replace("--", "-&#45;") for form in forms}


def _in_json(line: str) -> set[str]:
    forms = {json.dumps(line)[1:-1], json.dumps(line, ensure_ascii=False)[1:-1]}
    return forms | {form.replace("/", "\\/") for form in forms}


def _in_hex(line: str) -> tuple[str, str]:
    return line.encode().hex(), line.encode().hex().upper()


def _in_url(line: str) -> set[str]:
    return {quote(line), quote(line, safe=""), quote_plus(line)}
