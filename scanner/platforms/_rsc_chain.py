"""What the packet filter of a RouterOS export does with somebody who wants in: let in, refused, or only some of them.

A rule is held against the first packet of a connection: who is answered has got in. Conditions that hold for part of
them (a time of day, a rate) let some in, so that an accepting rule opens the door and a refusing one does not shut it.
Source: MikroTik, "Filter", "Common Firewall Matchers and Actions", "Packet Flow in RouterOS".
"""

from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv4Network
from typing import Literal

from scanner.platforms._networks import ANYWHERE, Networks, common, everything_but, networks
from scanner.platforms._reading import UnreadableError
from scanner.platforms._rsc import Export, Statement
from scanner.platforms._rsc_conditions import Asking, Match, condition, whether
from scanner.platforms._rsc_interfaces import members

MAX_STEPS = 60_000  # rules looked at for one export; a practice has 30 rules, 8 services and 5 interfaces
MAX_DEPTH = 8  # chains that jump into each other
MAX_LISTED = 1024  # addresses of one list

Door = Literal["open", "some", "shut", "unknown"]

_ASIDE = frozenset({
    "action", "chain", "comment", "disabled", "log", "log-prefix", "reject-with", "jump-target", "address-list",
    "address-list-timeout", "place-before", "copy-from",
})  # fmt: skip
REFUSING = frozenset({"drop", "reject", "tarpit"})
SIX, RAW_SIX = "ipv6 firewall filter", "ipv6 firewall raw"
_ETHER = ("ether", "sfp", "qsfp", "combo")


@dataclass(frozen=True, slots=True)
class Answer:
    """What becomes of him."""

    door: Door
    sources: Networks = ANYWHERE  # for whom it is open
    named: Networks = ()  # those of them whom a rule expects by this very interface
    rule: tuple[int, str] = (1, "")  # because of which it is not known, or open for some


@dataclass(slots=True)
class _State:
    allowed: Networks = ANYWHERE  # who has not been refused yet
    accepted: dict[IPv4Network, None] = field(default_factory=dict)
    by: tuple[int, str] = (1, "")  # the first rule that let somebody in
    named: dict[IPv4Network, None] = field(default_factory=dict)
    inside: bool = False  # a rule led here that names the interface
    doubts: dict[str, Statement] = field(default_factory=dict)  # "open", "shut": what the rule might have done


class Filter:
    """The chains of one export; raises UnreadableError when it is asked too much."""

    def __init__(self, export: Export, dialled: tuple[str, ...] = ()) -> None:
        """`dialled`: the interface lists that dial-ins join."""
        self._export = export
        self._dialled = dialled
        self._left = MAX_STEPS
        self._known: dict[tuple[str, str], Networks | str | None] = {}
        self._listed: dict[str, frozenset[str] | None] = {}
        self._chains = {menu: _chains(export, menu) for menu in ("ip firewall filter", "ip firewall raw", SIX, RAW_SIX)}
        self._dynamic = {
            item.values.get("address-list")
            for menu in ("filter", "raw", "nat", "mangle")
            for item in export.of(f"ip firewall {menu}")
            if item.values.get("action") == "add-src-to-address-list"
        }

    def answer(self, who: Asking, before: Asking | None = None) -> Answer:
        """What becomes of somebody who wants in; `before`: as he came, where he is sent on."""
        state = _State()
        if self._walk("ip firewall raw", "prerouting", before or who, state, 0) == "shut" and not state.accepted:
            return Answer("shut")
        state = _State()
        end = self._walk("ip firewall filter", "input", who, state, 0)
        if end != "shut":
            if doubt := state.doubts.get("shut"):
                return Answer("unknown", rule=(doubt.line, doubt.text))
            return Answer("open", networks(map(str, (*state.allowed, *state.accepted))))
        if doubt := state.doubts.get("open"):
            return Answer("unknown", rule=(doubt.line, doubt.text))
        if not state.accepted:
            return Answer("shut")
        return Answer("some", networks(map(str, state.accepted)), tuple(state.named), state.by)

    def refuses6(self, who: Asking) -> bool:
        """Whether somebody who wants in by IPv6 is surely refused."""
        for menu, chain in ((RAW_SIX, "prerouting"), (SIX, "input")):
            state = _State()
            if self._walk(menu, chain, who, state, 0) == "shut" and not (state.accepted or state.doubts):
                return True
        return False

    def _walk(self, menu: str, chain: str, who: Asking, state: _State, depth: int) -> Literal["open", "shut", "on"]:
        for item in self._chains[menu].get(chain, ()):
            self._left -= 1
            if self._left < 0 or depth > MAX_DEPTH:
                raise UnreadableError(item.text)
            action = item.values.get("action", "accept")
            if action not in ("accept", "jump", "return", *REFUSING):
                continue
            match, sources, negated = self._match(item, who)
            if match == "none":
                continue
            end = self._done(item, action, match, sources, state, negated=negated)
            if action == "jump":
                end = self._jump(menu, item, who, state, match, sources, depth)
            if end == "back":
                return "on"
            if end in ("open", "shut"):
                return end
        return "on"

    def _done(
        self, item: Statement, action: str, match: Match, sources: Networks, state: _State, *, negated: bool
    ) -> Literal["open", "shut", "back", "on"]:
        """What a rule that is no jump comes to, for everybody or for some of them."""
        if action == "accept":
            if match in ("all", "part"):
                return "open"
            if match == "sources":
                state.by = state.by if state.accepted else (item.line, item.text)
                some = dict.fromkeys(self._common(sources, state.allowed))
                state.accepted |= some
                state.named |= some if state.inside or _names(item) else {}
            else:
                state.doubts.setdefault("open", item)
        elif action in REFUSING:
            if match == "all":
                return "shut"
            if match == "sources" and negated:
                state.allowed = self._common(state.allowed, _but(sources))
            elif match == "doubt":
                state.doubts.setdefault("shut", item)
        elif action == "return":
            if match == "all":
                return "back"
            if match != "part":
                state.doubts.setdefault("shut", item)
                state.doubts.setdefault("open", item)
        return "on"

    def _jump(
        self, menu: str, item: Statement, who: Asking, state: _State, match: Match, sources: Networks, depth: int
    ) -> Literal["open", "shut", "on"]:
        """What the chain comes to that a rule leads to; where that is only for some, the rest goes on."""
        target = item.values.get("jump-target", "")
        inside = state.inside or _names(item)
        if match == "all":
            before, state.inside = state.inside, inside
            end = self._walk(menu, target, who, state, depth + 1)
            state.inside = before
            return end
        inner = _State(self._common(state.allowed, sources) if match == "sources" else state.allowed, inside=inside)
        end = self._walk(menu, target, who, inner, depth + 1)
        doubt = match == "doubt" or inner.doubts
        if doubt and (end == "open" or inner.accepted or inner.doubts):
            state.doubts.setdefault("open", item)
        elif end == "open" and match == "part":
            return "open"
        elif match == "sources":
            some = dict.fromkeys((*inner.accepted, *(inner.allowed if end == "open" else ())))
            state.accepted |= some
            state.named |= some if inside else inner.named
        if match == "doubt" and end == "shut":
            state.doubts.setdefault("shut", item)
        return "on"

    def _match(self, item: Statement, who: Asking) -> tuple[Match, Networks, bool]:
        """Whether a rule is about the packet; of which sources when of some, and whether those are all but a few."""
        found: Match = "all"
        for key, said in item.values.items():
            if key in _ASIDE or key in ("src-address", "src-address-list"):
                continue
            here = self._condition(key, said, who)
            if key == "src-mac-address" and said[:1] != "!" and item.values.get("action") in REFUSING:
                here = "part"  # whoever has that card is refused, the others are not
            if here == "none":
                return "none", ANYWHERE, False
            found = here if found == "all" or here == "doubt" else found
        try:
            sources, negated = self._sources(item)
        except UnreadableError:
            # A list of unwelcome ones, whoever they are, leaves the others alone.
            unwelcome = item.values.get("action") in REFUSING and not _negated(item)
            return "part" if unwelcome and found != "doubt" else "doubt", ANYWHERE, False
        if sources is None or found == "doubt" or (found == "part" and item.values.get("action") in REFUSING):
            return found, ANYWHERE, False
        return "sources", sources, negated

    def _condition(self, key: str, said: str, who: Asking) -> Match:
        if key == "in-interface":
            return whether(self._is(said.lstrip("!"), who), said.startswith("!"))
        if key == "in-interface-list":
            return whether(self._in_list(said.lstrip("!"), who), said.startswith("!"))
        return condition(key, said, who)

    @staticmethod
    def _is(word: str, who: Asking) -> bool | None:
        if word == "all-ppp":
            return True if not who.interface else None
        if word in ("all-ethernet", "all-vlan", "all-wireless"):
            return who.interface.startswith(_ETHER) if word == "all-ethernet" and who.interface else None
        return word == who.interface

    def _in_list(self, word: str, who: Asking) -> bool | None:
        if word in ("all", "none"):
            return word == "all"
        if word in ("dynamic", "static"):
            return (not who.interface) == (word == "dynamic")
        if not who.interface:
            return word in self._dialled
        if word not in self._listed:
            try:
                self._listed[word] = frozenset(members(self._export, word))
            except UnreadableError:
                self._listed[word] = None
        inside = self._listed[word]
        return None if inside is None else who.interface in inside

    def _sources(self, item: Statement) -> tuple[Networks | None, bool]:
        """From where a rule's packets come, None: from everywhere; and whether it names those that it is not about."""
        words = (item.values.get("src-address", ""), item.values.get("src-address-list", ""))
        if any(words) and item.menu in (SIX, RAW_SIX):
            raise UnreadableError(item.text)  # sets are of IPv4
        if words not in self._known:
            try:
                self._known[words] = self._named(item)
            except UnreadableError as error:
                self._known[words] = str(error)
        known = self._known[words]
        if isinstance(known, str):
            raise UnreadableError(known)
        self._left -= len(known or ()) // 8
        return known, _negated(item)

    def _common(self, left: Networks, right: Networks) -> Networks:
        """The addresses in both; sets that are large cost as much as the rules they stand for."""
        self._left -= len(left) * len(right) // 16
        return common(left, right)

    def _named(self, item: Statement) -> Networks | None:
        found: Networks | None = None
        for key in ("src-address", "src-address-list"):
            said = item.values.get(key, "")
            if not said:
                continue
            word = said.lstrip("!")
            part = networks([word]) if key == "src-address" else self._list(word)
            part = everything_but(part) if said.startswith("!") else part
            found = part if found is None else common(found, part)
        return found

    def _list(self, name: str) -> Networks:
        rows = self._export.named("ip firewall address-list", "list", name)
        words = tuple(item.values.get("address", "") for item in rows if item.verb == "add" and item.enabled)
        if name in self._dynamic or not words or len(words) > MAX_LISTED:
            raise UnreadableError(name)
        return _networks(words)


@lru_cache(maxsize=32)
def _networks(words: tuple[str, ...]) -> Networks:
    return networks(words)


@lru_cache(maxsize=32)
def _but(excluded: Networks) -> Networks:
    return everything_but(excluded)


def _chains(export: Export, menu: str) -> dict[str, list[Statement]]:
    found: dict[str, list[Statement]] = defaultdict(list)
    for item in export.of(menu):
        if item.verb == "add" and item.enabled:
            found[item.values.get("chain", "")].append(item)
    return found


def _names(item: Statement) -> bool:
    """Whether it names by which interface he comes in, rather than by which he does not."""
    said = (item.values.get("in-interface", ""), item.values.get("in-interface-list", ""))
    return any(word and word[0] != "!" and word != "all" for word in said)


def _negated(item: Statement) -> bool:
    return any(item.values.get(key, "").startswith("!") for key in ("src-address", "src-address-list"))
