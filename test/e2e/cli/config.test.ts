import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runMarconi } from '../../support/server.js';
import { makeTempDir, removeTempDir } from '../../support/temp-dir.js';

const folder = makeTempDir('cli');
afterAll(() => removeTempDir(folder));

test.each(['serve', 'core', 'gateway', 'config'])(
  '%s: an ill-typed value stops the start with code 2',
  async (command) => {
    const { code, stdout, stderr } = await runMarconi([command, '--grpc-listen=nowhere']);
    expect(stderr).toBe('marconi: grpc.listen (from --grpc-listen): expected HOST:PORT or unix:PATH, got "nowhere"\n');
    expect(stdout).toBe('');
    expect(code).toBe(2);
  },
);

test('an unknown variable, an unknown flag and an unknown key in the file are named, each with code 2', async () => {
  const file = join(folder, 'bad.yaml');
  writeFileSync(file, 'grpc:\n  port: 1\n');
  const variable = await runMarconi(['serve'], { MARCONI_PORT: '1' });
  expect(variable).toMatchObject({ code: 2, stderr: 'marconi: unknown option MARCONI_PORT (from the environment)\n' });
  const flag = await runMarconi(['serve', '--port=1']);
  expect(flag.code).toBe(2);
  expect(flag.stderr).toContain("unknown option '--port=1'");
  const key = await runMarconi(['serve', '--config', file]);
  expect(key).toMatchObject({ code: 2, stderr: `marconi: unknown option grpc.port (from ${file}:2)\n` });
});

test('strategy none does not listen beyond the loopback', async () => {
  const { code, stderr } = await runMarconi(['serve', '--gateway-listen=0.0.0.0:0']);
  expect(code).toBe(2);
  expect(stderr).toContain('set auth.allowOpenListen to true');
});

test('config prints every value and where it came from', async () => {
  const file = join(folder, 'good.yaml');
  writeFileSync(file, 'commit:\n  maxSteps: 64\n');
  const args = ['config', '--config', file, '--storage=memory:'];
  const { code, stdout } = await runMarconi(args, { MARCONI_LOG_LEVEL: 'warn' });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^commit\.maxSteps +64 +steps +.*good\.yaml:2$/m);
  expect(stdout).toMatch(/^storage +memory: +URI +--storage$/m);
  expect(stdout).toMatch(/^log\.level +warn +MARCONI_LOG_LEVEL$/m);
  expect(stdout).toMatch(/^grpc\.listen +127\.0\.0\.1:8889 +address +default$/m);
});

test('config --json is for programs', async () => {
  const { stdout } = await runMarconi(['config', '--json', '--auth-allow-open-listen']);
  const rows = JSON.parse(stdout) as { key: string; value: unknown; origin: string }[];
  expect(rows.find(({ key }) => key === 'auth.allowOpenListen')).toMatchObject({
    value: true,
    origin: '--auth-allow-open-listen',
  });
});

test('version, and what is no command', async () => {
  expect((await runMarconi(['version'])).stdout).toMatch(/^marconi \d+\.\d+\.\d+ \(Node\.js \d+/);
  expect(JSON.parse((await runMarconi(['version', '--json'])).stdout)).toHaveProperty('marconi');
  expect((await runMarconi(['serv'])).code).toBe(2);
  expect((await runMarconi([])).code).toBe(2);
  expect((await runMarconi(['serve', 'twice'])).code).toBe(2);
});
