"""Which addresses may be fetched for a host. Pure: names in, a verdict out; resolving is `adapters.fetching`'s.

Two looks: at what was typed (`checked_url`), and at every address its name resolves to (`is_public`). The second
one is what protects us: a name may mean anything, and mean something else a second later.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import urlsplit

from market.errors import Invalid
from market.values.text import lazy

LONGEST: Final = 2000
PORTS: Final = frozenset({80, 443})
_NAME = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])", re.ASCII)
_PLAIN = re.compile(r"[!-~]+")
_INSIDE = (".localhost", ".local", ".internal", ".intranet", ".lan", ".home", ".corp", ".arpa", ".onion")

# Written out: what a library calls global has changed between its versions.
_CLOSED_4: Final = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
    )
)
_OPEN_6: Final = IPv6Network("2000::/3")
_NAT64: Final = IPv6Network("64:ff9b::/96")
_CLOSED_6: Final = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # protocol assignments, Teredo among them
        "2001:db8::/32",
        "2002::/16",  # 6to4: an IPv4 address in disguise
        "2620:4f:8000::/48",
        "3fff::/20",
        "5f00::/16",
    )
)
_ISATAP: Final = frozenset({0x00005EFE, 0x02005EFE})


class BadAddress(Invalid):
    """Not an address a calendar can be fetched from."""

    code = "calendar_address"
    message = lazy(
        "This is not the address of a calendar. Copy the export link from the other site: it starts with https://"
        " and often ends in .ics."
    )

    def __init__(self) -> None:
        super().__init__(field="url")


@dataclass(frozen=True, slots=True)
class Target:
    """Where to fetch: an origin and what to ask there."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def url(self) -> str:
        """The one way to write it."""
        usual = {"http": 80, "https": 443}[self.scheme]
        port = "" if self.port == usual else f":{self.port}"
        return f"{self.scheme}://{self.host}{port}{self.path}"


def checked_url(typed: str, *, ports: Iterable[int] = PORTS) -> Target:
    """The target a typed address means. Raises BadAddress unless it is http(s), to a name, on a usual port.

    `webcal://`, as calendars like to write it, is https. Numbers are not names, however they are written.
    """
    text = typed.strip()
    if not text or len(text) > LONGEST or not _PLAIN.fullmatch(text) or "\\" in text:
        raise BadAddress
    try:
        parts = urlsplit(text)
        port = parts.port
        host = (parts.hostname or "").rstrip(".")
    except ValueError as error:
        raise BadAddress from error
    scheme = {"http": "http", "https": "https", "webcal": "https", "webcals": "https"}.get(parts.scheme)
    if scheme is None or "@" in parts.netloc or not is_name(host):
        raise BadAddress
    port = port or (443 if scheme == "https" else 80)
    if port not in ports:
        raise BadAddress
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(scheme, host, port, path)


def is_name(host: str) -> bool:
    """A name of the public DNS: dotted, ending in letters, none of the names that mean "here inside"."""
    return len(host) <= 253 and _NAME.fullmatch(host) is not None and not f".{host}".endswith(_INSIDE)


def is_public(address: str) -> bool:
    """Whether an address a name resolved to lies outside: not ours, not a neighbour's, in no disguise."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if "%" in address:  # a zone only makes sense inside
        return False
    return _is_public_4(found) if isinstance(found, IPv4Address) else _is_public_6(found)


def _is_public_4(address: IPv4Address) -> bool:
    return address.is_global and not any(address in network for network in _CLOSED_4)


def _is_public_6(address: IPv6Address) -> bool:
    if address in _NAT64:  # a network that speaks only IPv6 reaches IPv4 through these
        return _is_public_4(IPv4Address(int(address) & 0xFFFFFFFF))
    if address not in _OPEN_6 or not address.is_global or any(address in network for network in _CLOSED_6):
        return False
    return (int(address) >> 32) & 0xFFFFFFFF not in _ISATAP
