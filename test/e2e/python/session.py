"""Drives a server with python-marconiclient 0.0.2, the client of the API's own time, through all it offers.

Usage: session.py URL PREFIX. Prints one JSON object: what each step gave. Names begin with PREFIX.
"""

import json
import sys

from marconiclient.queues import client
from marconiclient.transport import errors


def raised(function, *args, **kwargs):
    """The name and text of the error that a call ends with; None when it succeeds."""
    try:
        function(*args, **kwargs)
    except errors.TransportError as error:
        return [type(error).__name__, str(error)]
    return None


def queues(api, prefix):
    queue = api.queue(prefix + "-queue")
    absent = api.queue(prefix + "-absent", auto_create=False)
    queue.ensure_exists()
    for index in range(12):
        api.queue("%s-list-%02d" % (prefix, index))
    first = list(api.queues(marker=prefix + "-list", limit=5))
    detailed = list(api.queues(marker=prefix + "-list", limit=1, detailed=True))
    streamed = api.queues(marker=prefix + "-list", limit=5).stream()
    names = [item._name for item in streamed if item._name.startswith(prefix + "-list-")]
    deleted = api.queue(prefix + "-deleted")
    deleted.delete()
    return {
        "exists": [queue.exists(), absent.exists(), deleted.exists()],
        "page": [item._name for item in first],
        "detailed": [item._name for item in detailed],
        "streamed": names,
        "past the end": list(api.queues(marker="~")),
        "bad name": raised(api.queue, "a b"),
        "bad limit": raised(api.queues, limit=0),
    }


def metadata(api, prefix):
    queue = api.queue(prefix + "-metadata")
    empty = queue.metadata()
    value = {"type": "Bank Accounts", "nested": {"list": [1, None, 2**63 - 1]}, "ключ": "😀"}
    set_to = queue.metadata(new_meta=value)
    return {
        "empty": empty,
        "set": set_to == value,
        "reloaded": queue.metadata(force_reload=True) == value,
        "absent": raised(api.queue(prefix + "-absent", auto_create=False).metadata),
        "reserved": raised(queue.metadata, new_meta={"_x": 1}),
    }


def messages(api, prefix, url):
    queue = api.queue(prefix + "-messages")
    body = {"😀": [2**63 - 1, -(2**63), 1.5, None, True], "": {"a.b": "$"}}
    single = queue.post({"ttl": 300, "body": body})
    several = queue.post([{"ttl": 300, "body": index} for index in range(9)])
    ids = [href.split("/")[-1] for href in single["resources"] + several["resources"]]
    other = client.Client(url, version=1).queue(prefix + "-messages")
    one = queue.message(ids[0])
    found = list(queue.messages(ids[2], ids[1]))
    paged = list(other.messages(limit=3))
    streamed = list(other.messages(limit=3).stream())
    streamed_own = list(queue.messages(echo=True, limit=4).stream())
    stats = queue.stats["messages"]
    one.delete()
    return {
        "post": [single["partial"], len(several["resources"])],
        "one": [one.body == body, one.ttl, one.age >= 0, one.claim_id, one._id == ids[0]],
        "by ids": [message.body for message in found],
        "own are left out": len(list(queue.messages())),
        "page": len(paged),
        "streamed": [message.body for message in streamed[1:]],
        "streamed own": len(streamed_own),
        "stats": [stats["free"], stats["claimed"], stats["total"], sorted(stats["oldest"])],
        "deleted": raised(queue.message, ids[0]),
        "bad ttl": raised(queue.post, {"ttl": 1, "body": 1}),
        "no queue": raised(api.queue(prefix + "-absent", auto_create=False).post, {"ttl": 300, "body": 1}),
        "empty stats": api.queue(prefix + "-empty").stats,
    }


def claims(api, prefix):
    queue = api.queue(prefix + "-claims")
    queue.post([{"ttl": 300, "body": index} for index in range(15)])
    claim = queue.claim(ttl=100, grace=60)
    taken = list(claim)
    again = queue.claim(id=claim.id)
    # The client puts its limit in the body, where it has no effect.
    rest = queue.claim(ttl=100, grace=60, limit=1)
    none = queue.claim(ttl=100, grace=60)
    age, ttl, held = again.age, again.ttl, [message.body for message in again]
    unproved = queue.message(taken[0]._id)
    refused = raised(unproved.delete)
    taken[0].delete()
    claim.update(ttl=200)
    claim.update(ttl=300, grace=60)
    renewed = queue.claim(id=claim.id).ttl
    left = len(list(queue.claim(id=claim.id)))
    claim.delete()
    return {
        "taken": [message.body for message in taken],
        "claim id": all(message.claim_id == claim.id for message in taken),
        "read again": [age >= 0, ttl, held],
        "limit in the body": len(list(rest)),
        "none": [none.id, list(none)],
        "without the claim": refused,
        "renewed": renewed,
        "left": left,
        "released": raised(queue.claim(id=claim.id)._get),
        "with the released claim": raised(taken[1].delete),
        "bad ttl": raised(queue.claim, ttl=1, grace=60),
    }


def node(api, prefix, url):
    shard = lambda: api.shard(prefix, weight=10, uri="sqlite://:memory:")
    return {
        "health": api.health(),
        "home document": sorted(api.follow("/v1")["resources"]),
        "operator resources are not served": raised(shard),
        "no such version": raised_any(client.Client, url, version=9),
    }


def raised_any(function, *args, **kwargs):
    try:
        function(*args, **kwargs)
    except Exception as error:
        return type(error).__name__
    return None


def main(url, prefix):
    api = client.Client(url, version=1, conf={"client_uuid": "3381af922b9e11e3b19171861300734c"})
    print(
        json.dumps(
            {
                "queues": queues(api, prefix),
                "metadata": metadata(api, prefix),
                "messages": messages(api, prefix, url),
                "claims": claims(api, prefix),
                "node": node(api, prefix, url),
            }
        )
    )


main(*sys.argv[1:])
