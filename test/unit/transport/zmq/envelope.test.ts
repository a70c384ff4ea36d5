import { MarconiError } from '../../../../src/errors/marconi-error.js';
import { Status } from '../../../../src/gen/google/rpc/status.js';
import { Envelope, EnvelopeKind } from '../../../../src/gen/marconi/v1/envelope.js';
import { answerFrame, errorFrame, readEnvelope } from '../../../../src/transport/zmq/envelope.js';
import { rpcRefusalOf } from '../../../support/rpc-refusal.js';
import { envelopeBytes } from '../../../support/zmq-client.js';

const read = (envelope: Partial<Envelope>) => readEnvelope(envelopeBytes({ version: 1, ...envelope }));
const id = Buffer.from('id');

test('metadata reads as gRPC reads it: text, and bytes under names that end in -bin', () => {
  const { metadata } = read({ metadata: { 'client-id': Buffer.from('é'), 'marconi-project-bin': Buffer.from('a') } });
  expect(metadata.get('client-id')).toEqual(['é']);
  expect(metadata.get('marconi-project-bin')).toEqual([Buffer.from('a')]);
  expect(metadata.get('x-project-id')).toEqual([]);
});

test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('%s is no metadata unless it is sent', (key) => {
  expect(read({}).metadata.get(key)).toEqual([]);
});

test('a value under __proto__ gives the others no value', () => {
  const entry = Buffer.concat([Buffer.from([0x0a, 9]), Buffer.from('__proto__'), Buffer.from([0x12, 1, 0x78])]);
  const frame = Buffer.concat([envelopeBytes({ version: 1 }), Buffer.from([0x3a, entry.length]), entry]);
  expect(readEnvelope(frame).metadata.get('0')).toEqual([]);
});

test('limits: metadata of 16 KiB and a correlation id of 64 bytes are let in', () => {
  const { envelope } = read({ metadata: { a: Buffer.alloc(16 * 1024 - 1) }, correlationId: Buffer.alloc(64) });
  expect(envelope.correlationId).toHaveLength(64);
});

test('an answer carries the correlation id and nothing of the caller', () => {
  const answer = Envelope.decode(answerFrame(EnvelopeKind.ENVELOPE_KIND_RESPONSE, id, Buffer.from('x')));
  expect(answer).toMatchObject({ version: 1, correlationId: id, payload: Buffer.from('x'), status: 0, metadata: {} });
  expect(answer.session).toHaveLength(0);
});

test('an error carries the same status as over gRPC, without its cause', () => {
  const error = new MarconiError('OVERLOADED', 'No.', { retryAfterMs: 250, cause: new Error('secret') });
  const frame = errorFrame(id, error, { request_id: 'r' });
  const { kind, status, payload } = Envelope.decode(frame);
  expect([kind, status]).toEqual([EnvelopeKind.ENVELOPE_KIND_ERROR, 8]);
  const refusal = rpcRefusalOf(Status.decode(payload));
  expect(refusal).toMatchObject({ code: 8, reason: 'OVERLOADED', retryMs: 250, facts: { request_id: 'r' } });
  expect(Buffer.from(frame).toString('latin1')).not.toContain('secret');
});
