import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readSecretKey } from '../../../src/auth/curve/index.js';
import { encodeZ85 } from '../../../src/auth/curve/z85.js';
import { runMarconi } from '../../support/server.js';
import { makeTempDir, removeTempDir } from '../../support/temp-dir.js';

const folder = makeTempDir('keys');
afterAll(() => removeTempDir(folder));

test('keys makes a pair: the secret for its owner alone, the public one also printed', async () => {
  const { code, stdout } = await runMarconi(['keys', join(folder, 'worker')]);
  expect(code).toBe(0);
  expect(statSync(join(folder, 'worker.secret')).mode & 0o777).toBe(0o600);
  const publicKey = encodeZ85(readSecretKey(join(folder, 'worker.secret')).publicKey);
  expect(readFileSync(join(folder, 'worker.public'), 'utf8').trim()).toBe(publicKey);
  expect(stdout).toBe(`${publicKey}\n`);
});

test('a key that is there is never written over', async () => {
  const name = join(folder, 'once');
  await runMarconi(['keys', name]);
  const before = readFileSync(`${name}.secret`, 'utf8');
  const { code, stderr } = await runMarconi(['keys', name]);
  expect(code).toBe(1);
  expect(stderr).toContain('once.secret');
  expect(readFileSync(`${name}.secret`, 'utf8')).toBe(before);
});

test('a server whose key cannot be read does not start, and names the file', async () => {
  const args = ['core', '--storage=memory:', `--zmq-secret-key=${folder}/absent`, `--zmq-client-keys=${folder}/none`];
  const { code, stderr } = await runMarconi([...args, '--grpc-listen=127.0.0.1:0', '--metrics-listen=']);
  expect(code).toBe(1);
  expect(stderr).toContain(`${folder}/absent: the key cannot be read`);
});
