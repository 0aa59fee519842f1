"""Which network addresses may be dialled (server-side request forgery guard).

``ipaddress.is_global`` is not enough: on Python 3.11 it is true for multicast, 6to4, NAT64, IPv4-compatible,
site-local and RFC 9637's documentation addresses (measured), so those are unwrapped or refused here.
"""

import dataclasses
import ipaddress
import re
from collections.abc import Iterable

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_REFUSED_TEXT = "100.64.0.0/10 192.0.0.0/24 192.88.99.0/24 ::/96 64:ff9b:1::/48 2001::/23 3fff::/20 fec0::/10"
_REFUSED = tuple(ipaddress.ip_network(network) for network in _REFUSED_TEXT.split())
PORTS = frozenset({80, 443})


def is_public(address: str) -> bool:
    """Whether an address literal lies on the public internet, seen through IPv4-in-IPv6 wrappings."""
    parsed: _Address = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address):
        inner = parsed.ipv4_mapped or parsed.sixtofour
        if inner is None and parsed in _NAT64:
            inner = ipaddress.IPv4Address(int(parsed) & 0xFFFFFFFF)
        if inner is not None:
            parsed = inner
    if any(parsed in network for network in _REFUSED if network.version == parsed.version):
        return False
    return parsed.is_global and not (parsed.is_multicast or parsed.is_reserved or parsed.is_unspecified)


def literal(host: str) -> _Address | None:
    """The address a host name spells out, or None when it is a name."""
    try:
        return ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Exemptions:
    """What the operator exempted from the address and port rules.

    ``hosts``: names and address literals; ``networks``; ``resolve``: host -> (address, port), as in curl's --resolve.
    """

    hosts: frozenset[str] = frozenset()
    networks: tuple[_Network, ...] = ()
    resolve: tuple[tuple[str, str, int], ...] = ()

    @classmethod
    def parse(cls, allow_hosts: Iterable[str] = (), resolve: Iterable[str] = ()) -> "Exemptions":
        """From the options ``--allow-host`` and ``--resolve HOST=ADDRESS:PORT``; ValueError says what is wrong."""
        hosts: set[str] = set()
        networks: list[_Network] = []
        for value in allow_hosts:
            if "/" in value:
                networks.append(ipaddress.ip_network(value, strict=False))
            elif value.strip("[]"):
                address = literal(value)
                hosts.add(str(address) if address else value.lower().rstrip("."))
            else:
                raise ValueError("--allow-host takes a host name, an address or a network, not nothing")
        mapped = []
        for value in resolve:
            host, _, target = value.partition("=")
            where, _, port = target.rpartition(":")
            if not host or literal(where) is None or not re.fullmatch("[0-9]{1,5}", port) or not 0 < int(port) < 65536:
                raise ValueError(f"--resolve takes HOST=ADDRESS:PORT, not {value!r}")
            mapped.append((host.lower(), where.strip("[]"), int(port)))
        return cls(hosts=frozenset(hosts), networks=tuple(networks), resolve=tuple(mapped))

    def target(self, host: str) -> tuple[str, int] | None:
        """Where ``--resolve`` sends a host, or None."""
        return next(((address, port) for name, address, port in self.resolve if name == host), None)

    def covers(self, host: str) -> bool:
        """Whether a host is exempt from the address and port rules and from the need of a contact."""
        if host in self.hosts or self.target(host) is not None:
            return True
        address = literal(host)
        return address is not None and self.covers_address(str(address))

    def covers_address(self, address: str) -> bool:
        """Whether an address is exempt by itself."""
        parsed = ipaddress.ip_address(address.partition("%")[0])
        return address in self.hosts or any(parsed in n for n in self.networks if n.version == parsed.version)
