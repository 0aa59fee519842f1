"""Hot keys: one host with two thousand feeds in a lane with two hundred others, and one story carried five hundred times."""

import dataclasses
import time

from pipeline.world.server import ANY_PATH, Reply, WorldServer
from transforms.addresses import Exemptions
from transforms.exchanges import Request, Response, WebOptions
from transforms.web import WebClient

BODY = b"<?xml version='1.0'?><rss version='2.0'><channel><title>x</title></channel></rss>"
SCALE = 5
"""The lane's seconds and the polite interval are divided by this; what is counted does not depend on it."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Lane:
    """What became of a lane's requests within its seconds."""

    big_asked: int
    big: int
    others_asked: int
    others: int
    seconds: float


def hot_host(feeds: int = 2000, others: int = 200, interval: float = 2.0, lane_seconds: float = 30.0) -> Lane:
    """One bundle of a lane: so many feeds at one host, and one feed at each of the others."""
    hosts = ["big.example", *(f"h{n}.example" for n in range(others))]
    overrides = {(host, ANY_PATH): Reply(body=BODY, headers={"Content-Type": "application/rss+xml"}) for host in hosts}
    with WorldServer(overrides=overrides) as server:
        resolve = [f"{host}=127.0.0.1:{server.port}" for host in hosts]
        exemptions = Exemptions.parse([], resolve)
        client = WebClient(WebOptions(host_interval=interval / SCALE, exemptions=exemptions))
        requests = [Request(url=f"http://big.example/{n}", kind="feed", key="big") for n in range(feeds)]
        requests += [Request(url=f"http://{host}/feed", kind="feed", key=host) for host in hosts[1:]]
        started = time.monotonic()
        answered = [
            request.key
            for request, answer in client.fetch_all(requests, seconds=lane_seconds / SCALE)
            if isinstance(answer, Response)
        ]
        spent = time.monotonic() - started
        client.close()
    big = answered.count("big")
    return Lane(big_asked=big, big=feeds, others_asked=len(answered) - big, others=others, seconds=spent * SCALE)
