"""The packet filter of a RouterOS export: what the input chains do with what comes from outside and from inside.

Source: MikroTik, "Filter" and "Common Firewall Matchers and Actions".
"""

from typing import Literal

from inventory.gateway import Firewall, InputChain, Side
from scanner.platforms._reading import UnreadableError
from scanner.platforms._rsc import Export, Statement
from scanner.platforms._rsc_admin import Doors
from scanner.platforms._rsc_chain import MAX_DEPTH, REFUSING
from scanner.platforms._rsc_conditions import MAX_RULES, SWEEPING, Asking
from scanner.platforms._rsc_interfaces import BUILTIN, Ways, members
from scanner.platforms._rsc_served import torn
from scanner.platforms._rsc_statement import LISTING
from scanner.platforms._rsc_told import Bad, Told

_GIVING = ("ipv6 address", "ipv6 dhcp-client")
Policy = Literal["accept", "drop"]

_FILTERS = {"ip firewall filter": "ip filter", "ipv6 firewall filter": "ip6 filter"}
_SWEEPING = SWEEPING | {"reject-with", "jump-target"}
_UNUSED = 1  # a port that no rule is about
_DECIDING: dict[str, Policy | Literal["on"]] = {
    "accept": "accept", "return": "on", "jump": "on", **dict.fromkeys(REFUSING, "drop"),
}  # fmt: skip
MAX_STEPS = 20_000  # rules looked at for one filter; a practice has thirty. Stops chains that jump twice into the next


def read_input(export: Export, ways: Ways, doors: Doors, told: Told) -> None:
    """What becomes of traffic from outside, and from inside, that no narrower rule of an input chain is about.

    RouterOS has no policy: a chain that comes to its end accepts. So a chain says "drop" when a rule without any other
    condition refuses what comes in by the outer interfaces (or all that does not come in by inner ones), before one
    accepts the same. Where a jump of everything leads to further rules, they decide as if they stood in its place.
    """
    found: dict[InputChain, int | None] = {}
    bad: Bad = []
    inner = {name for name in doors.sides.doors["lan"] if name}
    speaks6, asks = bool(addresses6(export)), unsure6(export)
    for menu, table in _FILTERS.items():
        rules = [item for item in export.of(menu) if item.values.get("chain") == "input" and item.enabled]
        lost = _lost(export, menu, rules)
        bad += lost
        # Of a piece of an export nobody knows which rules are elsewhere. Who has no IPv6 address needs no rules for it.
        ipv6 = menu.startswith("ipv6")
        if lost or (not rules and not (export.covers(menu) and (speaks6 or not ipv6))):
            bad += [asks] if ipv6 and not speaks6 and asks and export.covers(menu) else []
            continue
        following = _Rules(export, menu)
        for side, names in (("wan", set(ways.outer)), ("lan", inner)):
            if side == "lan" and not inner:
                continue
            policy, item = following.policy("input", names)
            if policy is None and not ipv6:
                policy = _followed(doors, following, names)
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


def _lost(export: Export, menu: str, rules: list[Statement]) -> Bad:
    """Because of what the rules of a chain are not those that stand there."""
    lost = torn(export, menu)
    lost += [(item.line, item.text) for item in rules[MAX_RULES:][:1]]
    return lost + [(item.line, item.text) for item in export.of(menu) if item.verb not in LISTING]


def addresses6(export: Export) -> list[Statement]:
    """What gives the router IPv6 addresses, or asks for some; none where the protocol is switched off."""
    if any(item.values.get("disable-ipv6") == "yes" for item in export.of("ipv6 settings")):
        return []
    return [item for item in export.of(*_GIVING) if item.verb == "add" and item.enabled]


def unsure6(export: Export) -> tuple[int, str] | None:
    """What leaves open whether the router has more addresses of IPv6 than those; None: nothing does."""
    if any(item.values.get("disable-ipv6") == "yes" for item in export.of("ipv6 settings")):
        return None
    if bad := torn(export, *_GIVING):
        return bad[0]
    return None if all(map(export.covers, _GIVING)) else (1, "ipv6 address")


def _followed(doors: Doors, rules: "_Rules", names: set[str]) -> Policy | None:
    """What becomes of what comes in by these interfaces, asked one by one along all jumps; None: not known.

    "drop" only where rules about everything say so. One packet that is let in shows that not everything is refused.
    """
    ends = {rules.policy("input", {name})[0] for name in names}
    if ends == {"drop"}:
        return "drop"
    try:
        answers = {doors.filter.answer(Asking(name, "tcp", _UNUSED)).door for name in names}
    except UnreadableError:
        return None
    return "accept" if answers == {"open"} and "drop" not in ends else None


class _Rules:
    """The chains of one filter, and what those of their rules decide that are about everything."""

    def __init__(self, export: Export, menu: str) -> None:
        self._export = export
        self._left = MAX_STEPS
        self._listed: dict[str, frozenset[str] | None] = {}
        self._chains: dict[str, list[Statement]] = {}
        for item in export.of(menu):
            if item.verb == "add" and item.enabled:
                self._chains.setdefault(item.values.get("chain", ""), []).append(item)

    def policy(self, chain: str, names: set[str]) -> tuple[Policy | None, Statement | None]:
        """What becomes of everything that comes in by some interfaces, and the rule that decides; None: not known."""
        end, item = self._along(chain, names, 0)
        if end != "on":
            return end, item
        rules = self._chains.get(chain, [])
        jumps = [item for item in rules if item.values.get("action") == "jump"]
        # Much of what comes in may end where they lead, or all of it.
        return (None, jumps[-1]) if jumps else ("accept", rules[-1] if rules else None)

    def _along(self, chain: str, names: set[str], depth: int) -> tuple[Policy | Literal["on"] | None, Statement | None]:
        """The end of everything in a chain: "on" where it comes out of it, None where that is too much to look for."""
        for item in self._chains.get(chain, ()):
            self._left -= 1
            if self._left < 0 or depth > MAX_DEPTH:
                return None, item
            action = item.values.get("action", "accept")
            if action not in _DECIDING or not (set(item.values) <= _SWEEPING and self._sweeps(item, names)):
                continue
            if action != "jump":
                return _DECIDING[action], item
            end, _ = self._along(item.values.get("jump-target", ""), names, depth + 1)
            if end != "on":
                return end, item
        return "on", None

    def _sweeps(self, item: Statement, names: set[str]) -> bool:
        """Whether a rule is about everything that comes in by these interfaces."""
        one, many = item.values.get("in-interface"), item.values.get("in-interface-list")
        if one is None and many is None:
            return True
        named = {one.lstrip("!")} if one is not None else set()
        word = one or many or ""
        if many is not None:
            if many.lstrip("!") in BUILTIN:
                return many == "all"
            listed = self._members(many.lstrip("!"))
            if listed is None:
                return False
            named |= listed
        return not named & names if word.startswith("!") else bool(names) and names <= named

    def _members(self, name: str) -> frozenset[str] | None:
        """The interfaces of a list; None: not known. Looked for once, however many rules name it."""
        if name not in self._listed:
            try:
                self._listed[name] = frozenset(members(self._export, name))
            except UnreadableError:
                self._listed[name] = None
        return self._listed[name]
