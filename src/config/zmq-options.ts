import { z } from 'zod';
import { file, integer, text, type Option } from './option.js';
import { isZmqAddress, parseZmqEndpoints, ZMQ_ENDPOINTS_FORM } from './zmq-endpoints.js';

const MIB = 1024 * 1024;

const address = (fallback: string, reason: string) =>
  text('tcp://HOST:PORT or ipc://PATH or nothing', (value) => value === '' || isZmqAddress(value), {
    default: fallback,
    unit: 'address',
    reason,
  });

/** A list in the file, JSON text elsewhere; kept as JSON text. */
const endpoints: Option<string> = {
  schema: z.preprocess(
    (value) => (Array.isArray(value) ? JSON.stringify(value) : value),
    z.string().refine((value) => parseZmqEndpoints(value) !== null),
  ),
  default: '',
  expected: ZMQ_ENDPOINTS_FORM,
  unit: 'list',
  reason: 'Endpoints that belong to one project each, so that who connects there needs no session.',
};

/** The ZeroMQ door. */
export const ZMQ_OPTIONS = {
  'zmq.router': address(
    'tcp://127.0.0.1:8890',
    'Where the core serves every unary method over ZeroMQ (ROUTER). Loopback, because without CURVE it trusts everyone.',
  ),
  'zmq.pull': address(
    'tcp://127.0.0.1:8891',
    'Where posts of any project come in (PULL), on this machine, without CURVE: it trusts the project that a post names.',
  ),
  'zmq.push': address(
    'tcp://127.0.0.1:8892',
    'Where claimed messages go to workers (PUSH), on this machine, without CURVE: they go to whoever is connected.',
  ),
  'zmq.pub': address(
    'tcp://127.0.0.1:8893',
    'Where new messages are published (XPUB), on this machine, without CURVE: others have endpoints of their project.',
  ),
  'zmq.endpoints': endpoints,
  'zmq.secretKey': file("The server's CURVE secret key, made by marconi keys; nothing: no CURVE, this machine only."),
  'zmq.clientKeys': file(
    'Client keys that may connect, with their projects and rights, YAML; read again when it changes.',
  ),
  'zmq.maxMessageBytes': integer(64 * 1024, 64 * MIB, {
    default: MIB,
    unit: 'bytes',
    reason: 'Longest frame; who sends a larger one is cut off before it is buffered.',
  }),
  'zmq.sessionTtl': integer(60, 7 * 86_400, {
    default: 3_600,
    unit: 's',
    reason: 'How long a session lives; a client then proves its key again.',
  }),
};
