"""A client of Marconi over ZeroMQ, written from docs/protocol-zmq.md and proto/ alone. For one thread."""

import zmq
from google.protobuf.message_factory import GetMessageClass
from marconi.v1 import claims_pb2, envelope_pb2 as pb, messages_pb2, queues_pb2

from connection import Connection
from errors import MarconiError

SERVICES = {
    service.full_name: service
    for file in (queues_pb2, messages_pb2, claims_pb2)
    for service in file.DESCRIPTOR.services_by_name.values()
}


class MarconiClient:
    """Calls over a DEALER, and posts over a PUSH that are acknowledged by receipts.

    `server_key` and `secret_key` are CURVE keys in Z85, as bytes. Without them nothing is encrypted, and `project` says
    whose queues are meant; with them it is the project of the key.
    """

    def __init__(self, router, push=None, *, project=None, server_key=None, secret_key=None, timeout=10.0):
        keys = None if secret_key is None else (server_key, secret_key)
        self.connection = Connection(router, project, keys, timeout)
        self.connection.unasked[pb.ENVELOPE_KIND_PULL_RECEIPT] = self._keep_receipt
        self.connection.on_renewed = self._follow_again
        self.push = None if push is None else self.connection.connect(zmq.PUSH, push)
        self.receipts = {}  # (producer, sequence) -> receipt; None while it is waited for
        self.followed = set()

    def close(self):
        self.connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # Queues, messages and claims.

    def create_queue(self, queue):
        return self.call("QueueService/CreateQueue", queues_pb2.CreateQueueRequest(queue=queue))

    def post(self, queue, bodies, ttl=300):
        return self.call("MessageService/PostMessages", post_of(queue, bodies, ttl))

    def list(self, queue, marker="", limit=10, everything=False):
        """One page; `next_marker` of it is the `marker` of the next one. `everything`: also what is claimed."""
        request = messages_pb2.ListMessagesRequest(queue=queue, marker=marker, limit=limit)
        request.echo = request.include_claimed = everything
        return self.call("MessageService/ListMessages", request)

    def claim(self, queue, limit=10, ttl=60, grace=60, wait=0):
        """A claim with its messages, or None when there was nothing for `wait` seconds (30 at the most)."""
        request = claims_pb2.CreateClaimRequest(queue=queue, ttl_seconds=ttl, grace_seconds=grace, limit=limit)
        request.wait.FromSeconds(wait)
        response = self.call("ClaimService/CreateClaim", request, self.connection.timeout + wait)
        return response.claim if response.HasField("claim") else None

    def release(self, queue, claim):
        return self.call("ClaimService/ReleaseClaim", claims_pb2.ReleaseClaimRequest(queue=queue, claim_id=claim.id))

    def acknowledge(self, queue, claim, ids):
        """What became of each, in their order: ACKNOWLEDGED, ALREADY_GONE or CLAIM_LOST."""
        request = claims_pb2.AcknowledgeMessagesRequest(queue=queue, claim_id=claim.id, ids=ids)
        outcomes = self.call("ClaimService/AcknowledgeMessages", request).acknowledgements
        return [claims_pb2.Acknowledgement.Outcome.Name(each.outcome).removeprefix("OUTCOME_") for each in outcomes]

    def call(self, method, request, timeout=None):
        """Any unary method: "QueueService/ListQueues" with a ListQueuesRequest gives a ListQueuesResponse."""
        service, name = f"marconi.v1.{method}".split("/")
        response = GetMessageClass(SERVICES[service].methods_by_name[name].output_type)
        payload = self.connection.ask(pb.ENVELOPE_KIND_REQUEST, request, timeout, method=f"{service}/{name}")
        return response.FromString(payload)

    # Acknowledged posts.

    def follow_receipts(self, producer):
        """From now on the receipts of this producer come to this client."""
        self.connection.ask(pb.ENVELOPE_KIND_RECEIPT_SUBSCRIBE, pb.ReceiptSubscribe(producer_id=producer))
        self.followed.add(producer)

    def publish(self, producer, sequence, queue, bodies, ttl=300, tries=5):
        """Stored once, whatever is lost on the way: without a receipt the same post is sent again."""
        for attempt in range(tries):
            if attempt > 0 or producer not in self.followed:
                self.follow_receipts(producer)
            self.send_post(producer, sequence, queue, bodies, ttl)
            if (receipt := self.receipt(producer, sequence)) is not None:
                return receipt
        raise TimeoutError(f"no receipt of {producer} {sequence} after {tries} tries")

    def send_post(self, producer, sequence, queue, bodies, ttl=300):
        """Sends and does not wait, unless the server is behind; `receipt` tells what became of it."""
        post = post_of(queue, bodies, ttl)
        post.producer_id, post.producer_sequence = producer, sequence
        self.receipts[producer, sequence] = None
        self.connection.send(self.push, pb.ENVELOPE_KIND_PULL_PUBLISH, pb.PullPublish(post=post))

    def receipt(self, producer, sequence, timeout=None):
        """Says that the post is stored, and nothing else says so. None when no receipt came in time."""
        key = (producer, sequence)
        if not self.connection.read_until(lambda: self.receipts[key], timeout):
            return None
        receipt = self.receipts.pop(key)
        if receipt.HasField("refused"):
            raise MarconiError(receipt.refused)
        return receipt.stored

    def _keep_receipt(self, payload):
        receipt = pb.PullReceipt.FromString(payload)
        key = (receipt.producer_id, receipt.producer_sequence)
        if key in self.receipts:
            self.receipts[key] = receipt

    def _follow_again(self):
        for producer in self.followed:
            self.follow_receipts(producer)


def post_of(queue, bodies, ttl):
    messages = [messages_pb2.NewMessage(body=body, ttl_seconds=ttl) for body in bodies]
    return messages_pb2.PostMessagesRequest(queue=queue, messages=messages)
