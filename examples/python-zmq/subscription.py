"""Following a queue over SUB: each message once, in order, whatever is lost on the way."""

import time

import zmq
from marconi.v1 import delivery_pb2, envelope_pb2 as pb

from errors import MarconiError

RENEW_BEFORE = 600  # seconds before the end of a topic
RETRY = 1  # seconds until a queue that is gone is looked for again


class Subscription:
    """Follows a queue beside the session of a client and in its thread, and takes nothing away from it.

    `position` is the marker of the last message that was passed on: keep it with your results, and give it here to go
    on behind it. None begins now, 0 with the oldest message.
    """

    def __init__(self, client, address, queue, *, position=None, endpoint=""):
        self.client, self.address, self.queue, self.endpoint = client, address, queue, endpoint
        self.position = position
        self.socket = None
        self._subscribe()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.client.connection.disconnect(self.socket)

    def follow(self, seconds):
        """Yields the messages that come within so many seconds. Stop at any of them: the rest comes when you go on."""
        end = time.monotonic() + seconds
        while (now := time.monotonic()) < end:
            if now >= self.renew_at:
                self._renew()
            elif self.socket.poll((min(end, self.renew_at) - now) * 1000):
                _topic, frame = self.socket.recv_multipart()
                self._heard()
                yield from self._take(pb.Envelope.FromString(frame))

    def _subscribe(self):
        """Asks for a topic and subscribes to it on a new socket, which the server tells at once where the queue is."""
        request = pb.TopicOpen(endpoint=self.endpoint, queue=self.queue)
        answer = self.client.connection.ask(pb.ENVELOPE_KIND_TOPIC_OPEN, request)
        granted = pb.TopicGranted.FromString(answer)
        old, self.socket = self.socket, self.client.connection.connect(zmq.SUB, self.address)
        self.topic = granted.topic
        self.socket.subscribe(self.topic)
        if old is not None:
            self.client.connection.disconnect(old)
        self.silence = 3 * granted.heartbeat.ToTimedelta().total_seconds()
        self.topic_ends = time.monotonic() + granted.expires_at.ToSeconds() - time.time() - RENEW_BEFORE
        self._heard()

    def _heard(self):
        self.renew_at = min(self.topic_ends, time.monotonic() + self.silence)

    def _renew(self):
        """After a silence, or before the topic ends. What was missed between is listed."""
        try:
            self._subscribe()
        except MarconiError as error:
            self._gone_or_raise(error)
            self.renew_at = time.monotonic() + RETRY

    def _gone_or_raise(self, error):
        """A queue that was deleted; one that gets its name begins anew."""
        if error.reason != "QUEUE_NOT_FOUND":
            raise error
        self.position = 0

    def _take(self, envelope):
        if envelope.kind == pb.ENVELOPE_KIND_ERROR:
            self._gone_or_raise(MarconiError.of(envelope))
        elif envelope.kind == pb.ENVELOPE_KIND_PUBLICATION:
            yield from self._pass_all(delivery_pb2.SubscribeResponse.FromString(envelope.payload))

    def _pass_all(self, publication):
        if self.position is None:
            first = publication.messages[0].prev_marker if publication.messages else publication.next_marker
            self.position = int(first)
        for followed in publication.messages:
            yield from self._catch_up(int(followed.prev_marker))
            yield from self._pass(followed.message)
        yield from self._catch_up(int(publication.next_marker))

    def _catch_up(self, target):
        """Lists what was published and did not come."""
        while self.position < target:
            page = self.client.list(self.queue, str(self.position), limit=20, everything=True)
            for message in page.messages:
                yield from self._pass(message)
            if not page.messages:
                # What was between is gone: deleted, acknowledged or expired.
                self.position = target

    def _pass(self, message):
        if int(message.marker) > self.position:
            self.position = int(message.marker)
            yield message
