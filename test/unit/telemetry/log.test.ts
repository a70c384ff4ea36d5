import { createLogger, LOG_LEVELS } from '../../../src/telemetry/log.js';

function logged(write: (log: ReturnType<typeof createLogger>) => void, level: (typeof LOG_LEVELS)[number] = 'info') {
  const lines: string[] = [];
  write(createLogger({ level, part: 'core', destination: { write: (line) => void lines.push(line) } }));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('a line is JSON with time, level, part, process and text', () => {
  const [line] = logged((log) => log.info({ requestId: 'r-1' }, 'hello'));
  expect(line).toEqual({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string,
    part: 'core',
    pid: process.pid,
    requestId: 'r-1',
    msg: 'hello',
  });
});

test.each([
  'authorization',
  'x-auth-token',
  'idempotency-key',
  'cookie',
  'token',
  'password',
  'secret',
  'body',
  'bodies',
])('%s is never written, on the line or within what it holds', (field) => {
  const lines = logged((log) => {
    log.info({ [field]: 'S3CR3T' }, 'top');
    log.info({ headers: { [field]: 'S3CR3T' } }, 'within');
    log.info({ request: { headers: { [field]: 'S3CR3T' } } }, 'deeper');
    log.child({ [field]: 'S3CR3T' }).info('child');
  });
  expect(lines).toHaveLength(4);
  expect(JSON.stringify(lines)).not.toContain('S3CR3T');
  expect(JSON.stringify(lines)).toContain('[redacted]');
});

test('an error is written with its text, stack and cause', () => {
  const [line] = logged((log) => log.error({ err: new Error('outer', { cause: new Error('inner') }) }, 'failed'));
  expect(line?.['err']).toMatchObject({ message: expect.stringContaining('outer: inner') as string });
  expect((line?.['err'] as { stack: string }).stack).toContain('log.test');
});

test('what is less severe than the level is not written', () => {
  const written = (level: (typeof LOG_LEVELS)[number]) =>
    logged((log) => {
      log.debug('d');
      log.info('i');
      log.warn('w');
      log.error('e');
    }, level).map(({ msg }) => msg);
  expect(LOG_LEVELS.map(written)).toEqual([['d', 'i', 'w', 'e'], ['i', 'w', 'e'], ['w', 'e'], ['e'], []]);
});
