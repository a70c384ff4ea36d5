import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { cleanEnv, MARCONI } from '../../support/server.js';

const src = dirname(MARCONI);

/** Runs a process with Marconi's telemetry set up, then the given fault, then a long wait. */
function crashWith(fault: string): Promise<{ code: number | string | null; stderr: string }> {
  const program = `
    const { startTelemetry } = require(${JSON.stringify(join(src, 'app/telemetry.js'))});
    const { loadConfig } = require(${JSON.stringify(join(src, 'config/index.js'))});
    const env = { MARCONI_METRICS_LISTEN: '' };
    startTelemetry('core', loadConfig({ env, flags: new Map() }).settings).then(() => {
      setTimeout(() => undefined, 60_000);
      ${fault}
    });`;
  return new Promise((resolve) => {
    execFile(process.execPath, ['-e', program], { env: cleanEnv() }, (error, _stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stderr }),
    );
  });
}

test.each([
  ['unhandled rejection', 'void Promise.reject(new Error("nobody caught this"));'],
  ['uncaught exception', 'setImmediate(() => { throw new Error("nobody caught this"); });'],
])('an %s is logged and ends the process with 1', async (kind, fault) => {
  const { code, stderr } = await crashWith(fault);
  expect(code).toBe(1);
  const lines = stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines).toEqual([
    expect.objectContaining({
      level: 'error',
      msg: kind,
      err: expect.objectContaining({ message: 'nobody caught this' }) as object,
    }),
  ]);
});
