/** The limits of the ZeroMQ door. libzmq leaves nearly all of them off. */

/** The version of the protocol of `docs/protocol-zmq.md`. */
export const PROTOCOL_VERSION = 1;

/** Bytes of a correlation id. */
export const MAX_CORRELATION_BYTES = 64;

/** Bytes of an envelope's metadata, names and values; as gRPC's headers. */
export const MAX_METADATA_BYTES = 16 * 1024;

/** The longest deadline that is told from none, in milliseconds: more than any call takes. */
export const MAX_DEADLINE_MS = 600_000;

/**
 * Calls that the router has under way, of whatever class: those that no class bounds are few, but anybody may send many.
 */
export const MAX_CALLS = 16_384;

/** Calls of one session that are under way; more are refused before they are begun. */
export const MAX_CALLS_PER_SESSION = 64;

/** Sessions of one key, and of all who need none; one more ends the oldest. A client needs one. */
export const MAX_SESSIONS = { perKey: 64, open: 16_384 };

/** Challenges of one key that wait for their proof; one more ends the oldest. */
export const MAX_CHALLENGES_PER_KEY = 16;
export const CHALLENGE_TTL_MS = 10_000;

/** Producers whose receipts one session may have. */
export const MAX_PRODUCERS_PER_SESSION = 256;

/**
 * Posts that a PULL endpoint has under way: the socket is not read while there are so many, or so many bytes. As many
 * as all doors may post at once, so that this door alone does not fill the commits.
 */
export const PULL_WINDOW = { posts: 256, bytes: 16 * 1024 * 1024 };

/** What one message to a client holds: whatever waits for it, but one answer alone may be larger. */
export const MAX_PACK = { frames: 256, bytes: 64 * 1024 };

/**
 * Bytes of answers that wait in this process: of one client, and of all that do not read. Above it an error takes the
 * place of an answer, for which a quarter more is kept; above that, answers are dropped.
 */
export const MAX_WAITING_ANSWERS = { clientBytes: 4 * 1024 * 1024, bytes: 8 * 1024 * 1024 };
export const ROOM_FOR_ERRORS = 1.25;

/** A client without room is tried so often at once, and then now and then. */
export const QUICK_TRIES = 16;
export const SLOW_RETRY_MS = 10;
/** A client that has taken no answer for so long loses those that wait for it. */
export const SLOW_READER_MS = 10_000;

/** A worker of a PUSH endpoint says within this time that it lives; silent for so many, it counts no more. */
export const WORKER_HEARTBEAT_MS = 5_000;
export const WORKER_SILENT_HEARTBEATS = 3;

/** Workers of one endpoint, and what all of them may have unsettled together. */
export const MAX_WORKERS = 4_096;
export const MAX_ENDPOINT_CREDIT = 65_536;

/** Deliveries of a PUSH endpoint that wait for one before: with so many, no more are claimed. */
export const FULL_SENDER = 2;

/** A delivery that no worker has taken by then goes back to its queue. */
export const PUSH_SEND_TIMEOUT_MS = 2_000;
/** How often it is then looked whether a worker would take one. */
export const STALL_LOOK_MS = 20;

/** Seconds that a topic lives at the least; it ends at a whole step, so that those who ask meanwhile share one. */
export const TOPIC_LIFE_SECONDS = 3_600;
export const TOPIC_STEP_SECONDS = 3_600;

/** Bytes of a topic: the capability, 256 characters of a project percent-encoded from UTF-8, a queue's name. */
export const MAX_TOPIC_BYTES = 30 + 1 + 256 * 12 + 1 + 64;

/** Topics that an endpoint publishes under at once, each with a queue that is followed; and subscriptions to them. */
export const MAX_TOPICS = 1_024;
export const MAX_SUBSCRIPTIONS = 16_384;

/**
 * Bytes of different topics that were refused on one socket: libzmq keeps each, at about 32 bytes for one of theirs. Above
 * it the socket is opened anew, which frees them.
 */
export const MAX_REFUSED_TOPIC_BYTES = 512 * 1024;

/**
 * One publication: messages, bytes of their bodies, and bytes of its frame. libzmq holds `PUB_HIGH_WATER` of them for a
 * subscriber that does not read, and counts them, not their bytes, so each is small: 240 KiB together. What
 * alone is larger is told of and not sent.
 */
export const PUBLICATION = { messages: 64, bytes: 16 * 1024, frameBytes: 20 * 1024 };
export const PUB_HIGH_WATER = 12;

/**
 * A pause after each publication that is not full: what is posted meanwhile goes out together, so that the few that
 * libzmq holds are not used up by single messages.
 */
export const PUBLICATION_PAUSE_MS = 2;

/** Where a queue is is told to newcomers together, once in so long. */
export const NEWCOMERS_MS = 50;
/** How long a queue is still followed when its last subscriber is gone: it may be coming again. */
export const SUBSCRIBER_LINGER_MS = 5_000;
/** Pauses before a queue is followed again after an error, on average: doubled each time. */
export const FOLLOW_RETRY_MS = { least: 100, most: 5_000 };

/** How often the files of client keys are looked at. */
export const KEY_FILE_CHECK_MS = 1_000;

/** How long what is under way may take once the node drains. */
export const DRAIN_GRACE_MS = 8_000;

/** Options that every socket has. */
const COMMON = {
  // Closing never waits for a client; `drain` has waited for the answers by then.
  linger: 0,
  // ZMTP heartbeats: a client that is silent for three is gone, and so is what waits for it in libzmq.
  heartbeatInterval: 10_000,
  heartbeatTimeout: 30_000,
  heartbeatTimeToLive: 30_000,
  // Connections that never finish their handshake.
  handshakeInterval: 10_000,
  // Connections that wait to be accepted: a fleet that reconnects comes all at once.
  backlog: 1_024,
} as const;

/** Options of the ROUTER. */
export function routerOptions(maxMessageBytes: number) {
  return {
    ...COMMON,
    // libzmq closes the connection of who sends more.
    maxMessageSize: maxMessageBytes,
    // A client that is gone is told, not ignored.
    mandatory: true,
    // A second connection under a routing id never takes over the first's answers.
    handover: false,
    // A full client never holds up the others: its answers wait in the writer.
    sendTimeout: 0,
    // Messages that libzmq holds for one client; it does not count their bytes, which `MAX_PACK` bounds.
    sendHighWaterMark: 2,
    // Requests that it has read ahead.
    receiveHighWaterMark: 256,
  } as const;
}

/** Options of a PULL. */
export function pullOptions(maxMessageBytes: number) {
  return {
    ...COMMON,
    maxMessageSize: maxMessageBytes,
    // Posts of one client that libzmq reads ahead; the rest stays with the client, which sees its PUSH block.
    receiveHighWaterMark: 16,
  } as const;
}

/** Options of a PUSH. */
export const pushOptions = {
  ...COMMON,
  // Nothing is received.
  maxMessageSize: 1_024,
  // Only to workers whose connection stands: a delivery never waits for one that went away.
  immediate: true,
  // Deliveries that libzmq holds for one worker beside what the connection holds: the rest goes to who has room.
  sendHighWaterMark: 1,
  sendTimeout: PUSH_SEND_TIMEOUT_MS,
} as const;
/** Options of an XPUB. */
export function pubOptions() {
  return {
    ...COMMON,
    // Clients send subscriptions and nothing else: the longest topic, and what CURVE puts around it.
    maxMessageSize: 4_096,
    // What a subscriber does not take is dropped for it alone; it sees the gap.
    sendHighWaterMark: PUB_HIGH_WATER,
    sendTimeout: 0,
    receiveHighWaterMark: 64,
  } as const;
}
