"""The packet filter of a RouterOS export: what the input chains do with what comes from outside and from inside.

Source: MikroTik, "Filter" and "Common Firewall Matchers and Actions".
"""

from typing import Literal

from inventory.gateway import Firewall, InputChain, Side
from scanner.platforms._reading import UnreadableError
from scanner.platforms._rsc import Export, Statement
from scanner.platforms._rsc_admin import Doors
from scanner.platforms._rsc_conditions import Asking
from scanner.platforms._rsc_interfaces import BUILTIN, Ways, members
from scanner.platforms._rsc_told import Bad, Told

_FILTERS = {"ip firewall filter": "ip filter", "ipv6 firewall filter": "ip6 filter"}
# What an input rule may say and still be about everything that comes in by its interfaces.
_SWEEPING = frozenset({
    "action", "chain", "comment", "disabled", "log", "log-prefix", "in-interface", "in-interface-list", "reject-with",
})  # fmt: skip
# An export only adds; what changes or moves a rule that stands elsewhere leaves nobody sure of any.
_LISTING = frozenset({"add", "print"})
_REFUSING = frozenset({"drop", "reject", "tarpit"})
_UNUSED = 1  # a port that no rule is about: what becomes of it becomes of everything

MAX_RULES = 512  # rules of one chain; a practice has thirty


def read_input(export: Export, ways: Ways, doors: Doors, told: Told) -> None:
    """What becomes of traffic from outside, and from inside, that no narrower rule of an input chain is about.

    RouterOS has no policy: a chain that comes to its end accepts. So a chain says "drop" when a rule without any other
    condition refuses what comes in by the outer interfaces (or all that does not come in by inner ones), before one
    accepts the same. Where a jump leads to further rules, they are followed for a packet that no rule is about.
    """
    found: dict[InputChain, int | None] = {}
    bad: Bad = []
    inner = {name for name in doors.sides.doors["lan"] if name}
    speaks6 = bool(addresses6(export))
    for menu, table in _FILTERS.items():
        rules = [item for item in export.of(menu) if item.values.get("chain") == "input" and item.enabled]
        torn = [(line, text) for where, line, text in export.bad if where == menu]
        torn += [(item.line, item.text) for item in rules[MAX_RULES:][:1]]
        torn += [(item.line, item.text) for item in export.of(menu) if item.verb not in _LISTING]
        bad += torn
        # Of a piece of an export nobody knows which rules are elsewhere. Who has no IPv6 address needs no rules for it.
        ipv6 = menu.startswith("ipv6")
        if torn or (not rules and not (export.covers(menu) and (speaks6 or not ipv6))):
            continue
        for side, names in (("wan", set(ways.outer)), ("lan", inner)):
            if side == "lan" and not inner:
                continue
            policy, item = _policy(export, rules, names)
            if policy is None and not ipv6:
                policy = _followed(doors, names)
            if policy is not None:
                known: Side | None = side if names else None  # type: ignore[assignment]
                found[InputChain(table, policy, known, ipv6)] = item.line if item else None
            elif item:
                bad.append((item.line, item.text))
    told.doubt("firewall", dict.fromkeys(bad))
    if found or export.covers("ip firewall filter"):
        told.facts["firewall"] = Firewall(tuple(found))
        for place, line in enumerate(found.values()):
            told.mark(f"/system/firewall/input/{place}", line)


def addresses6(export: Export) -> list[Statement]:
    """What gives the router IPv6 addresses, or asks for some; none where the protocol is switched off."""
    if any(item.values.get("disable-ipv6") == "yes" for item in export.of("ipv6 settings")):
        return []
    given = export.of("ipv6 address", "ipv6 dhcp-client")
    return [item for item in given if item.verb == "add" and item.enabled]


def _followed(doors: Doors, names: set[str]) -> Literal["accept", "drop"] | None:
    """What becomes of a packet to an unused port that comes in by these interfaces, along all jumps."""
    try:
        answers = {doors.filter.answer(Asking(name, "tcp", _UNUSED)).door for name in names}
    except UnreadableError:
        return None
    return "drop" if answers and answers <= {"shut", "some"} else "accept" if answers == {"open"} else None


def _policy(
    export: Export, rules: list[Statement], names: set[str]
) -> tuple[Literal["accept", "drop"] | None, Statement | None]:
    """What becomes of everything that comes in by some interfaces, and the rule that decides; None: not known."""
    policy: Literal["accept", "drop"] | None = "accept"
    decided = rules[-1] if rules else None
    for item in rules:
        action = item.values.get("action", "accept")
        if action == "jump":
            policy, decided = None, item
        elif action not in _REFUSING and action != "accept":
            continue
        elif set(item.values) <= _SWEEPING and _sweeps(export, item, names):
            return "accept" if action == "accept" else "drop", item
    return policy, decided


def _sweeps(export: Export, item: Statement, names: set[str]) -> bool:
    """Whether a rule is about everything that comes in by these interfaces."""
    one, many = item.values.get("in-interface"), item.values.get("in-interface-list")
    if one is None and many is None:
        return True
    named = {one.lstrip("!")} if one is not None else set()
    word = one or many or ""
    if many is not None:
        if many.lstrip("!") in BUILTIN:
            return many == "all"
        try:
            named |= set(members(export, many.lstrip("!")))
        except UnreadableError:
            return False
    return not named & names if word.startswith("!") else bool(names) and names <= named
