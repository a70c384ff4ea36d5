import { redactUri } from '../domain/redact-uri.js';
import { DEFAULT_LIMITS, LEAST_SECONDS, MAX_RESPONSE_BYTES } from './limits.js';
import { MONGODB_OPTIONS } from './mongodb-options.js';
import { address, file, flag, integer, oneOf, share, text } from './option.js';
import { parseStorageUri, STORAGE_URI_FORMS } from './storage-uri.js';
import { ZMQ_OPTIONS } from './zmq-options.js';

const MIB = 1024 * 1024;
const TEN_YEARS = 10 * 366 * 86_400;

const seconds = (fallback: number, reason: string) =>
  integer(LEAST_SECONDS, TEN_YEARS, { default: fallback, unit: 's', reason });

const storage = {
  ...text(STORAGE_URI_FORMS, (uri) => parseStorageUri(uri) !== null, {
    default: 'sqlite:./data/marconi.db',
    unit: 'URI',
    reason: 'Where queues and messages are kept. A file of its own, so that a first start needs nothing else.',
  }),
  shown: redactUri,
};

const doors = {
  'grpc.listen': address(['tcp', 'unix'], false, {
    default: '127.0.0.1:8889',
    unit: 'address',
    reason: 'Where the core serves gRPC. Loopback, because strategy none trusts whoever connects.',
  }),
  'grpc.gatewayListen': address(['unix'], true, {
    default: '',
    unit: 'address',
    reason: 'A link for the gateway alone, trusted and with limits of its own; serve makes one by itself.',
  }),
  'grpc.tls.cert': file('Certificate chain of the gRPC listener, PEM; set together with the key.'),
  'grpc.tls.key': file('Private key of the gRPC listener, PEM.'),
  'grpc.maxConcurrentStreams': integer(1, 100_000, {
    default: 100,
    unit: 'streams',
    reason: 'Streams open at once on a connection; bounds what one client can hold.',
  }),
  'grpc.maxMessageBytes': integer(64 * 1024, 64 * MIB, {
    default: MIB,
    unit: 'bytes',
    reason: 'Longest request; larger ones are refused before they are buffered.',
  }),
  ...ZMQ_OPTIONS,
  'gateway.listen': address(['tcp'], false, {
    default: '127.0.0.1:8888',
    unit: 'address',
    reason: 'Where the gateway serves REST. Loopback, because strategy none trusts X-Project-Id.',
  }),
  'gateway.core': address(['tcp', 'unix'], true, {
    default: '',
    unit: 'address',
    flag: 'core',
    reason: 'gRPC address of the core; nothing: the core that serve starts beside it.',
  }),
  'gateway.tls.cert': file('Certificate chain of the REST listener, PEM; set together with the key.'),
  'gateway.tls.key': file('Private key of the REST listener, PEM.'),
  'gateway.metrics.listen': address(['tcp'], true, {
    default: '127.0.0.1:9465',
    unit: 'address',
    reason: "Where the gateway serves its Prometheus metrics; beside the core's, since it is a process of its own.",
  }),
  'gateway.maxInFlight': integer(1, 100_000, {
    default: 1_000,
    unit: 'requests',
    reason: 'Requests under way at once, a quarter of them posts; more are answered 503, so that memory stays bounded.',
  }),
};

const auth = {
  'auth.strategy': oneOf(['none'], {
    default: 'none',
    reason: 'Who decides whose calls these are. none: the project header is believed.',
  }),
  'auth.allowOpenListen': flag({
    default: false,
    reason: 'Listen beyond loopback although strategy none trusts everyone; for closed networks only.',
  }),
};

const engine = {
  'commit.maxSteps': integer(1, 10_000, {
    default: 64,
    unit: 'steps',
    reason: 'Steps that share one commit; more make each commit longer without saving many syncs.',
  }),
  'commit.maxBytes': integer(MIB, 256 * MIB, {
    default: 4 * MIB,
    unit: 'bytes',
    reason: 'Bytes of bodies that share one commit; bounds how long the others wait for it.',
  }),
  'commit.maxConcurrent': integer(1, 1_000, {
    default: 32,
    unit: 'commits',
    reason: 'Commits under way at once where queues commit apart, at most 3/4 of them posts; well below the pool.',
  }),
  'commit.maxWaitingSteps': integer(1, 1_000_000, {
    default: 4_096,
    unit: 'steps',
    reason: 'Posts that wait for a commit; more are refused with OVERLOADED and a time to try again.',
  }),
  'commit.maxWaitingBytes': integer(MIB, 1024 * MIB, {
    default: 32 * MIB,
    unit: 'bytes',
    reason: 'Bytes of bodies that wait for a commit; bounds memory under overload.',
  }),
  dedupWindow: integer(LEAST_SECONDS, 7 * 86_400, {
    default: 3_600,
    unit: 's',
    reason: 'How long a producer key is remembered; an hour outlasts any sensible retry.',
  }),
  ...MONGODB_OPTIONS,
  'sqlite.synchronous': oneOf(['full', 'normal'], {
    default: 'full',
    reason: 'full: acknowledged is on the disk. normal may lose acknowledged messages at a power failure.',
  }),
  'sqlite.reserveBytes': integer(0, 1024 * 1024 * MIB, {
    default: 64 * MIB,
    unit: 'bytes',
    reason: 'Free space (at most 5 % of the disk) kept for claims and deletions; below it posts are refused.',
  }),
  'sqlite.ballastBytes': integer(0, 1024 * MIB, {
    default: 16 * MIB,
    unit: 'bytes',
    reason: 'A file that is given up when claims or deletions still find the disk full.',
  }),
};

const limits = {
  'limits.maxQueuesPerPage': integer(1, 10_000, {
    default: DEFAULT_LIMITS.maxQueuesPerPage,
    unit: 'queues',
    reason: 'Largest limit of a list of queues.',
  }),
  'limits.maxMessagesPerPage': integer(1, 10_000, {
    default: DEFAULT_LIMITS.maxMessagesPerPage,
    unit: 'messages',
    reason: 'Largest limit of a list of messages, and most ids in one call.',
  }),
  'limits.maxMessagesPerClaim': integer(1, 10_000, {
    default: DEFAULT_LIMITS.maxMessagesPerClaim,
    unit: 'messages',
    reason: 'Largest limit of a claim or a pop.',
  }),
  'limits.maxQueueMetadata': integer(2, MIB, {
    default: DEFAULT_LIMITS.maxQueueMetadata,
    unit: 'bytes',
    reason: "Longest metadata document of a queue; it is read with every use of the queue's name.",
  }),
  'limits.maxMessageSize': integer(1, MAX_RESPONSE_BYTES, {
    default: DEFAULT_LIMITS.maxMessageSize,
    unit: 'bytes',
    reason: 'Longest post: a REST request, or the bodies of a gRPC request.',
  }),
  'limits.maxMessageTtl': seconds(DEFAULT_LIMITS.maxMessageTtl, 'Longest life of a message: 14 days.'),
  'limits.maxClaimTtl': seconds(DEFAULT_LIMITS.maxClaimTtl, 'Longest life of a claim between renewals: 12 hours.'),
  'limits.maxClaimGrace': seconds(DEFAULT_LIMITS.maxClaimGrace, 'Longest grace of a claim: 12 hours.'),
  'limits.maxJsonDepth': integer(1, 10_000, {
    default: DEFAULT_LIMITS.maxJsonDepth,
    unit: 'levels',
    reason: 'Deepest nesting of a JSON text; bounds the cost of reading it.',
  }),
};

const watching = {
  'log.level': oneOf(['debug', 'info', 'warn', 'error', 'silent'], {
    default: 'info',
    reason: 'The least severe log line that is written, as JSON to standard error.',
  }),
  'telemetry.metrics.listen': address(['tcp'], true, {
    default: '127.0.0.1:9464',
    unit: 'address',
    reason: 'Where the core serves its metrics as Prometheus text; nothing: they are not kept.',
  }),
  'telemetry.metrics.queues': integer(0, 1_000, {
    default: 20,
    unit: 'queues',
    reason: 'Recently used queues whose depth and oldest age are told; bounds the cost of a scrape.',
  }),
  'telemetry.traces.endpoint': text('an http or https URL or nothing', isHttpUrlOrEmpty, {
    default: '',
    unit: 'URL',
    reason: 'OTLP/HTTP endpoint that takes traces (…/v1/traces); nothing: no trace is made.',
  }),
  'telemetry.traces.ratio': share({
    default: 0.01,
    reason: 'Share of requests that are traced; one that arrives in a trace follows its decision.',
  }),
};

function isHttpUrlOrEmpty(value: string): boolean {
  if (value === '') return true;
  return URL.canParse(value) && ['http:', 'https:'].includes(new URL(value).protocol);
}

/** Every option of Marconi by its key in the file; names on the command line and in the environment derive from it. */
export const OPTIONS = { storage, ...doors, ...auth, ...engine, ...limits, ...watching };

/** A key of the table. */
export type OptionKey = keyof typeof OPTIONS;

/** A value for every option. */
export type OptionValues = { readonly [K in OptionKey]: (typeof OPTIONS)[K]['default'] };

/** The keys in the order of the table. */
export const OPTION_KEYS = Object.keys(OPTIONS) as readonly OptionKey[];

/** Values and where they came from. */
export interface GivenOptions {
  readonly values: OptionValues;
  readonly origins: Readonly<Record<OptionKey, string>>;
}
