"""What docs/protocol-zmq.md asks of a client before it can call anything: frames, answers and the session."""

import time
from itertools import count

import zmq
from marconi.v1 import envelope_pb2 as pb
from nacl.public import Box, PrivateKey, PublicKey
from zmq.utils import z85

from errors import MarconiError


class Connection:
    """A session over one DEALER. `keys`: the server's public and the client's secret CURVE key, in Z85; or None."""

    def __init__(self, router, project=None, keys=None, timeout=10.0):
        self.timeout = timeout
        self.metadata = {} if project is None else {"marconi-project-bin": project.encode()}
        self.keys = keys
        self.sockets = []
        self.dealer = self.connect(zmq.DEALER, router)
        self.correlations = count(1)
        self.answers = {}  # correlation id -> answer; None while it is waited for
        self.unasked = {}  # kind -> what takes the payload of such an envelope
        self.on_renewed = lambda: None
        self.open_session()

    def connect(self, kind, address, read_ahead=1000):
        """A socket with what every socket of this client needs; it reads so many messages ahead."""
        socket = zmq.Context.instance().socket(kind)
        self.sockets.append(socket)
        socket.linger, socket.rcvhwm = 0, read_ahead
        socket.heartbeat_ivl = 10_000
        socket.sndtimeo = int(self.timeout * 1000)
        if self.keys is not None:
            server_key, secret_key = self.keys
            socket.curve_serverkey, socket.curve_secretkey = server_key, secret_key
            socket.curve_publickey = zmq.curve_public(secret_key)
        socket.connect(address)
        return socket

    def disconnect(self, socket):
        self.sockets.remove(socket)
        socket.close()

    def close(self):
        for socket in self.sockets:
            socket.close()

    def open_session(self):
        self.session, self.sequence = b"", 0
        public_key = b"" if self.keys is None else z85.decode(zmq.curve_public(self.keys[1]))
        answer = self._exchange(pb.ENVELOPE_KIND_SESSION_OPEN, pb.SessionOpen(public_key=public_key))
        if answer.kind == pb.ENVELOPE_KIND_SESSION_CHALLENGE:
            proof = self._proof_of(pb.SessionChallenge.FromString(answer.payload))
            answer = self._exchange(pb.ENVELOPE_KIND_SESSION_PROOF, proof)
        self.granted = pb.SessionGranted.FromString(answer.payload)
        self.session = self.granted.token

    def _proof_of(self, challenge):
        if len(challenge.nonce) != 24 or not challenge.nonce.startswith(b"MarconiS"):
            raise ValueError("a box that no Marconi made")
        server_key, secret_key = map(z85.decode, self.keys)
        answer = Box(PrivateKey(secret_key), PublicKey(server_key)).decrypt(challenge.box, challenge.nonce)
        return pb.SessionProof(challenge_id=challenge.challenge_id, answer=answer)

    def ask(self, kind, payload, timeout=None, method=""):
        """The payload of the answer; a session that is over is begun anew, once."""
        try:
            return self._ask(kind, payload, timeout, method)
        except MarconiError as error:
            if error.info.get("fault") != "session":
                raise
        self.open_session()
        self.on_renewed()
        return self._ask(kind, payload, timeout, method)

    def _ask(self, kind, payload, timeout, method):
        self.sequence += 1
        deadline = int(1000 * (timeout or self.timeout)) if method else 0
        fields = {"session": self.session, "sequence": self.sequence, "method": method, "deadline_ms": deadline}
        return self._exchange(kind, payload, timeout, **fields).payload

    def _exchange(self, kind, payload, timeout=None, **fields):
        correlation = str(next(self.correlations)).encode()
        self.answers[correlation] = None
        try:
            self.send(self.dealer, kind, payload, correlation_id=correlation, **fields)
            if not self.read_until(lambda: self.answers[correlation], timeout):
                raise TimeoutError(f"no answer to {fields.get('method') or pb.EnvelopeKind.Name(kind)}")
        finally:
            answer = self.answers.pop(correlation)
        if answer.kind == pb.ENVELOPE_KIND_ERROR:
            raise MarconiError.of(answer)
        return answer

    def send(self, socket, kind, payload, **fields):
        """One envelope, one frame."""
        envelope = pb.Envelope(version=1, kind=kind, metadata=self.metadata, **fields)
        envelope.payload = payload.SerializeToString()
        socket.send(envelope.SerializeToString())

    def read_until(self, done, timeout=None):
        """Reads what comes over the DEALER until `done` is true; False when the time is over before."""
        end = time.monotonic() + (self.timeout if timeout is None else timeout)
        while not done():
            left = max(0, end - time.monotonic())
            if not self.dealer.poll(left * 1000):
                return False
            # A message of the router may have several frames, an envelope each; `recv` gives one frame after another.
            envelope = pb.Envelope.FromString(self.dealer.recv())
            if envelope.kind in self.unasked:
                self.unasked[envelope.kind](envelope.payload)
            elif envelope.correlation_id in self.answers:
                self.answers[envelope.correlation_id] = envelope
        return True
