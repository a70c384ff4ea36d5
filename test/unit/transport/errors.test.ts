import { MarconiError } from '../../../src/errors/marconi-error.js';
import { REASONS, type Reason } from '../../../src/errors/reasons.js';
import { Reason as ReasonProto } from '../../../src/gen/marconi/v1/errors.js';
import { toStatus } from '../../../src/transport/grpc/errors.js';
import { refusalOf } from '../../support/grpc-client.js';
import type { ServiceError } from '@grpc/grpc-js';

const names = Object.keys(REASONS) as Reason[];
const decoded = (error: MarconiError, facts = {}) => refusalOf(toStatus(error, facts) as unknown as ServiceError);

test('every reason of the table is in the contract, and the other way round', () => {
  const inContract = Object.keys(ReasonProto)
    .filter((name) => name.startsWith('REASON_') && name !== 'REASON_UNSPECIFIED')
    .map((name) => name.slice('REASON_'.length));
  expect(inContract.sort()).toEqual([...names].sort());
});

test.each(names)('%s carries its reason, domain and status', (reason) => {
  const refusal = decoded(new MarconiError(reason, 'Text.', { metadata: { a: 'b' } }), { request_id: 'r' });
  expect(refusal).toMatchObject({ reason, domain: 'marconi', code: REASONS[reason].grpc, message: 'Text.' });
  expect(refusal).toMatchObject({ facts: { a: 'b', request_id: 'r' }, fields: [], retryMs: null });
});

test('a retry hint is exact to the millisecond, as detail and as trailer', () => {
  const refusal = decoded(new MarconiError('OVERLOADED', 'No.', { retryAfterMs: 12_345 }));
  expect([refusal.retryMs, refusal.retryTrailer]).toEqual([12_345, '12345']);
});

test('what came from a request is cut, never in the middle of a character', () => {
  const long = `${'x'.repeat(511)}${'🐇'.repeat(1_000)}`;
  const violations = Array.from({ length: 100 }, (_, index) => ({ field: `f${index}`, description: long }));
  const status = toStatus(new MarconiError('INVALID_REQUEST', long, { violations, metadata: { id: long } }));
  expect(status.details).toBe(`${'x'.repeat(511)}…`);
  expect(() => encodeURI(status.details)).not.toThrow();
  const refusal = refusalOf(status as unknown as ServiceError);
  expect(refusal.fields).toHaveLength(20);
  expect(refusal.descriptions[0]).toBe(`${'x'.repeat(511)}…`);
  const [bytes] = status.metadata.get('grpc-status-details-bin');
  expect((bytes as Buffer).length).toBeLessThan(16_384);
});

test('the cause is never sent', () => {
  const status = toStatus(MarconiError.from(new Error('secret')));
  expect(JSON.stringify(status.metadata.toJSON()) + status.details).not.toContain('secret');
});
