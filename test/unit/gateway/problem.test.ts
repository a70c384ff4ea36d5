import { Metadata, status, type ServiceError } from '@grpc/grpc-js';
import { decodeError } from '../../../gateway/core/errors.js';
import { problemAnswer } from '../../../gateway/http/answer.js';
import { Problem } from '../../../gateway/http/problem.js';
import { MarconiError } from '../../../src/errors/marconi-error.js';
import { REASONS, type Reason } from '../../../src/errors/reasons.js';
import { toStatus } from '../../../src/transport/grpc/errors.js';

describe('the error document', () => {
  test.each(Object.keys(REASONS) as Reason[])(
    '%s has the HTTP status of its row, a title and a description',
    (reason) => {
      const answer = problemAnswer(Problem.of(new MarconiError(reason, 'What happened.')));
      expect(answer.status).toBe(REASONS[reason].http);
      const { title, description } = JSON.parse(String(answer.body)) as Record<string, string>;
      expect(title).toMatch(/./);
      expect(description).toMatch(/^What happened\./);
    },
  );

  test('a fault of ours does not tell its cause', () => {
    const answer = problemAnswer(Problem.of(MarconiError.from(new Error('secret path'))));
    expect(answer.body).not.toContain('secret');
  });

  test('503 names the seconds of the hint, rounded up, or 30', () => {
    const after = (retryAfterMs?: number) =>
      problemAnswer(
        Problem.of(new MarconiError('OVERLOADED', 'Busy.', retryAfterMs === undefined ? {} : { retryAfterMs })),
      );
    expect(after().headers).toEqual({ 'Retry-After': '30' });
    expect(after(1_001).headers).toEqual({ 'Retry-After': '2' });
    expect(after(0).headers).toEqual({ 'Retry-After': '1' });
  });
});

describe('errors of the core', () => {
  test.each(Object.keys(REASONS) as Reason[])('%s comes through the wire as it was', (reason) => {
    const sent = new MarconiError(reason, 'What happened.', {
      violations: [{ field: 'ttl', description: 'expected more' }],
      metadata: { bound: 'queue' },
      retryAfterMs: 1_500,
    });
    const decoded = decodeError(toStatus(sent) as unknown as ServiceError);
    expect(decoded).toMatchObject({ reason, message: 'What happened.', retryAfterMs: 1_500 });
    expect(decoded.violations).toMatchObject(sent.violations);
    expect(decoded.metadata).toEqual({ bound: 'queue' });
  });

  test.each([
    [status.UNAVAILABLE, 'STORAGE_UNAVAILABLE'],
    [status.DEADLINE_EXCEEDED, 'DEADLINE_EXCEEDED'],
    [status.CANCELLED, 'CANCELLED'],
    [status.RESOURCE_EXHAUSTED, 'OVERLOADED'],
    [status.UNIMPLEMENTED, 'INTERNAL'],
  ])('status %i without details is %s', (code, reason) => {
    const error = Object.assign(new Error('x'), { code, details: 'x', metadata: new Metadata() });
    expect(decodeError(error).reason).toBe(reason);
  });
});
