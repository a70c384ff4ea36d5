"""Work from a PUSH endpoint: the server claims messages and deals them out to the workers that bear more."""

import time

import zmq
from marconi.v1 import envelope_pb2 as pb


class Worker:
    """A worker of a PUSH endpoint, beside the session of a client and in its thread.

    `queues` may be left out where the endpoint names its own. `messages` is how many may be unacknowledged here,
    `batch` how many of them come at once. Work that takes longer than half a heartbeat calls `beat` now and then.
    """

    def __init__(self, client, address, queues=(), *, endpoint="", messages=10, batch=1):
        self.client = client
        self.credit = pb.WorkerCredit(endpoint=endpoint, queues=queues, messages=messages, batch=batch)
        # One delivery waits in the socket; more would only keep them from other workers.
        self.socket = client.connection.connect(zmq.PULL, address, read_ahead=1)
        self.announce()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def announce(self):
        """Tells the server that this worker lives, and what it bears."""
        answer = self.client.connection.ask(pb.ENVELOPE_KIND_WORKER_CREDIT, self.credit)
        granted = pb.WorkerCreditGranted.FromString(answer)
        self.claim_ttl = granted.claim_ttl.ToTimedelta().total_seconds()
        self.next_beat = time.monotonic() + granted.heartbeat.ToTimedelta().total_seconds() / 2

    def beat(self):
        """Announces again where it is time to."""
        if time.monotonic() >= self.next_beat:
            self.announce()

    def take(self, timeout):
        """A delivery, with `queue` and `claim`, to be acknowledged or released; None when none came in time."""
        end = time.monotonic() + timeout
        while True:
            self.beat()
            left = min(end, self.next_beat) - time.monotonic()
            if self.socket.poll(max(0, left) * 1000):
                return pb.PushDelivery.FromString(pb.Envelope.FromString(self.socket.recv()).payload)
            if time.monotonic() >= end:
                return None

    def close(self):
        """Leaves. What was on its way here goes back to its queue; what was taken is kept until its claim ends."""
        self.credit.messages = 0
        self.announce()
        while (delivery := self.take(0.1)) is not None:
            self.client.release(delivery.queue, delivery.claim)
        self.client.connection.disconnect(self.socket)
