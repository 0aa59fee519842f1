"""The addresses that may be dialled (fault catalogue rows N01-N06, N19, N20) and what an operator exempts."""

import asyncio
import ipaddress
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms import addresses, urls
from transforms.addresses import Exemptions
from transforms.transport import Resolver

PRIVATE = [
    # N01, N02: loopback, private, link-local with the cloud's metadata service, shared, this network
    "127.0.0.1", "127.255.255.254", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "100.127.255.255", "0.0.0.0", "0.1.2.3",
    # documentation, benchmarks, protocol assignments, 6to4 relays, multicast, reserved, broadcast
    "192.0.2.1", "198.51.100.1", "203.0.113.1", "198.18.0.1", "192.0.0.8", "192.88.99.1", "224.0.0.1",
    "239.255.255.250", "240.0.0.1", "255.255.255.255",
    # N03: the same in IPv6, and IPv4 wrapped in it
    "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "ff0e::1", "100::1",
    "2001:db8::1", "3fff::1", "5f00::1", "2001::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:0:127.0.0.1",
    "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::1", "2002:a00:1::1",
]  # fmt: skip
PUBLIC = ["8.8.8.8", "41.78.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8"]


@pytest.mark.parametrize("address", PRIVATE)
def test_addresses_off_the_public_internet_are_refused(address):
    """No private, local, reserved or multicast address passes, in whichever wrapping."""
    assert not addresses.is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_pass(address):
    """The guard leaves the public internet open, mapped IPv4 included."""
    assert addresses.is_public(address)


@given(st.ip_addresses(v=4), st.sampled_from(["::ffff:{}", "64:ff9b::{}"]))
def test_a_wrapped_address_is_judged_like_the_address_in_it(inner, wrapping):
    """Mapping and NAT64 neither open a private address nor close a public one."""
    assert addresses.is_public(wrapping.format(inner)) == addresses.is_public(str(inner))


@given(st.ip_addresses(v=4))
def test_6to4_is_judged_like_the_address_in_it(inner):
    """A 6to4 prefix carries its IPv4 address in bits 16 to 48, and that one counts."""
    outer = ipaddress.IPv6Address((0x2002 << 112) | (int(inner) << 80) | 1)
    assert addresses.is_public(str(outer)) == addresses.is_public(str(inner))


@given(st.ip_addresses())
def test_nothing_public_that_the_standard_library_knows_as_private(address):
    """The guard only ever adds to what the standard library refuses, once unwrapped."""
    if addresses.is_public(str(address)):
        wrapped = isinstance(address, ipaddress.IPv6Address) and (address.ipv4_mapped or address.sixtofour)
        assert (wrapped or address).is_global


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "0x7f000001", "127.1", "0", "017700000001", "127.0.0.01"])
def test_odd_spellings_of_addresses_are_no_hosts(host):
    """What only the C library reads as an address (N04) is refused as a URL and never taken for a literal."""
    assert addresses.literal(host) is None
    with pytest.raises(urls.BadUrlError) as refused:
        urls.parse_url(f"http://{host}/feed")
    assert refused.value.reason == "BAD_URL"


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://127.0.0.1/", "127.0.0.1"),
        ("http://[::1]/", "::1"),
        ("http://[::ffff:127.0.0.1]/", "::ffff:7f00:1"),
        ("http://[2002:7f00:1::1]/", "2002:7f00:1::1"),
        ("http://１２７.０.０.１/", "127.0.0.1"),
    ],
)
def test_a_literal_in_a_url_is_seen_through(url, address):
    """A host that spells an address is recognised as that address, full-width digits included, and refused."""
    found = addresses.literal(urls.host_of(url))
    assert found == ipaddress.ip_address(address)
    assert not addresses.is_public(str(found))


@pytest.mark.parametrize("host", ["a.example", "localhost", "", "1.2.3", "[::g]", "1.2.3.4.5", "a.1.2.3.4"])
def test_names_are_no_literals(host):
    """A name, or what is no address, gives None."""
    assert addresses.literal(host) is None


@pytest.mark.parametrize("port", [22, 25, 6379, 0, 8080, 8443])
def test_only_the_ports_of_the_web_are_open(port):
    """Ports of other services (N19) are not among those that may be dialled."""
    assert port not in addresses.PORTS
    assert frozenset({80, 443}) == addresses.PORTS


@pytest.mark.parametrize(
    ("allowed", "host", "covered"),
    [
        ("one.example", "one.example", True),
        ("ONE.example.", "one.example", True),
        ("one.example", "two.one.example", False),
        ("one.example", "xone.example", False),
        ("127.0.0.1", "127.0.0.1", True),
        ("127.0.0.1", "127.0.0.2", False),
        ("127.0.0.0/8", "127.0.0.2", True),
        ("127.0.0.1/8", "127.0.0.2", True),
        ("127.0.0.0/8", "::1", False),
        ("127.0.0.0/8", "::ffff:127.0.0.1", False),
        ("[::1]", "::1", True),
        ("0:0:0:0:0:0:0:1", "::1", True),
        ("fd00::/8", "fd00::5", True),
        ("fd00::/8", "one.example", False),
    ],
)
def test_what_an_exemption_covers(allowed, host, covered):
    """An exempted name, address or network covers itself and nothing beside it."""
    assert Exemptions.parse([allowed]).covers(host) is covered


def test_a_name_is_not_an_exemption_of_its_address():
    """Exempting a host by name leaves the address rule in force for whatever else resolves there."""
    exemptions = Exemptions.parse(["one.example"])
    assert not exemptions.covers_address("127.0.0.1")
    assert Exemptions.parse(["127.0.0.1"]).covers_address("127.0.0.1")


def test_resolve_sends_a_host_where_it_says():
    """A --resolve mapping gives address and port of its host, exempts it, and says nothing of other hosts."""
    exemptions = Exemptions.parse([], ["One.example=127.0.0.1:8080", "two.example=[::1]:80"])
    assert exemptions.target("one.example") == ("127.0.0.1", 8080)
    assert exemptions.target("two.example") == ("::1", 80)
    assert exemptions.covers("one.example")
    assert exemptions.target("three.example") is None
    assert not exemptions.covers("three.example")


@pytest.mark.parametrize(
    "value",
    ["", "one.example", "one.example=", "=127.0.0.1:80", "one.example=127.0.0.1", "one.example=two.example:80",
     "one.example=127.0.0.1:0", "one.example=127.0.0.1:65536", "one.example=127.0.0.1:²", "one.example=127.1:80"],
)  # fmt: skip
def test_a_resolve_option_that_makes_no_sense_is_an_error(value):
    """A mapping without host, address literal or port is refused, and the message repeats it."""
    with pytest.raises(ValueError, match="HOST=ADDRESS:PORT") as refused:
        Exemptions.parse([], [value])
    assert repr(value) in str(refused.value)


@pytest.mark.parametrize("value", ["", "[]", "10.0.0.0/33", "one.example/8", "/"])
def test_an_exemption_that_makes_no_sense_is_an_error(value):
    """Nothing, or a network that is none, cannot be exempted."""
    with pytest.raises(ValueError, match=r"--allow-host|network|octet|'one.example/8'|netmask|Address"):
        Exemptions.parse([value])


class NameServer(asyncio.SelectorEventLoop):
    """An event loop in which names stand for the addresses that a test says."""

    def __init__(self, **names):
        super().__init__()
        self._names = names

    async def getaddrinfo(self, host, port, **_):
        """What the resolver of the C library would answer, in its own shape."""
        return [
            (socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in self._names[host.partition(".")[0]]
        ]


def dialled(host, exemptions=None, **names):
    """The addresses that the client would dial for a host."""
    loop = NameServer(**names)
    try:
        found = loop.run_until_complete(Resolver(exemptions or Exemptions()).resolve(host, 443))
    finally:
        loop.close()
    return [entry["host"] for entry in found]


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "::1", "::ffff:10.0.0.1", "2002:7f00:1::1"])
def test_a_name_of_a_private_address_is_not_dialled(address):
    """A public-looking name that resolves inside (N01) ends in an error, not in a connection."""
    with pytest.raises(OSError, match="may not be dialled"):
        dialled("one.example", one=[address])


def test_the_public_ones_of_several_addresses_are_dialled():
    """Of a name's addresses (N06) the private ones are left out and the public ones used, in their order."""
    assert dialled("one.example", one=["127.0.0.1", "8.8.8.8", "fd00::1", "2606:4700::1111"]) == [
        "8.8.8.8",
        "2606:4700::1111",
    ]


def test_an_exempted_name_is_dialled_wherever_it_leads():
    """An exempted host, and a mapped one without any DNS, reach a private address; their neighbours do not."""
    exemptions = Exemptions.parse(["one.example"], ["two.example=127.0.0.1:8080"])
    assert dialled("one.example", exemptions, one=["127.0.0.1"]) == ["127.0.0.1"]
    assert dialled("two.example", exemptions) == ["127.0.0.1"]
    with pytest.raises(OSError, match="may not be dialled"):
        dialled("three.example", exemptions, three=["127.0.0.1"])
