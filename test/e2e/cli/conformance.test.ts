import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runMarconi } from '../../support/server.js';
import { makeTempDir, removeTempDir } from '../../support/temp-dir.js';

const folder = makeTempDir('conformance-cli');
afterAll(() => removeTempDir(folder));

const dist = join(__dirname, '..', '..', '..', 'dist', 'src');
const create = `async () => {
  const storage = openMemory();
  return { storage, reopen: null, dispose: () => storage.close() };
}`;

function moduleFile(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const required = `const { openMemory } = require(${JSON.stringify(join(dist, 'storage', 'drivers', 'memory', 'index.js'))});`;
const imported = `import memory from ${JSON.stringify(join(dist, 'storage', 'drivers', 'memory', 'index.js'))};`;
const sound = moduleFile('sound.cjs', `${required} exports.factory = { create: ${create} };`);

test('runs a whole suite on a module and prints the report, for people and for programs', async () => {
  const text = await runMarconi(['conformance', sound]);
  expect(text.stdout).toMatch(/memory: COMPATIBLE \(\d+ passed, 0 failed, 0 excepted\)\n$/);
  expect(text).toMatchObject({ code: 0, stderr: '' });
  const json = await runMarconi(['conformance', sound, '--json']);
  expect(JSON.parse(json.stdout)).toMatchObject({
    format: 'marconi-conformance/1',
    driver: 'memory',
    compatible: true,
  });
});

test('ends with 1 when a case failed, and names it; an exception keeps it apart', async () => {
  const area = ['--only', 'producer keys', '--fault', 'forgets-producer-key'];
  const failed = await runMarconi(['conformance', sound, ...area]);
  expect(failed.code).toBe(1);
  expect(failed.stderr).toContain(
    'failed: producer keys > gives the first receipt to a repeat, and stores nothing (swept)',
  );
  expect(failed.stdout).toContain('FAIL producer keys');
  const { stdout } = await runMarconi(['conformance', sound, ...area, '--json']);
  const { failures } = JSON.parse(stdout) as { failures: readonly { case: string }[] };
  const exceptions = join(folder, 'exceptions.yaml');
  writeFileSync(exceptions, failures.map((failure) => `${JSON.stringify(failure.case)}: keeps no keys\n`).join(''));
  const excepted = await runMarconi(['conformance', sound, ...area, '--exceptions', exceptions]);
  expect(excepted).toMatchObject({ code: 0, stderr: '' });
  expect(excepted.stdout).toContain('gives the first receipt to a repeat, and stores nothing: keeps no keys');
});

test.each([
  ['a CommonJS default', 'default.cjs', `${required} exports.default = { create: ${create} };`],
  ['an ES module', 'module.mjs', `${imported} const { openMemory } = memory; export default { create: ${create} };`],
])('finds the factory of %s', async (_, name, text) => {
  const { code, stdout } = await runMarconi([
    'conformance',
    moduleFile(name, text),
    '--only',
    'posting',
    'grace',
    '--bail',
  ]);
  expect(stdout).toMatch(/memory: INCOMPLETE \(\d+ passed, 0 failed/);
  expect(code).toBe(0);
});

test('finds the factory of a folder that is a package', async () => {
  const path = join(folder, 'driver');
  mkdirSync(path);
  writeFileSync(join(path, 'package.json'), '{"name": "driver", "main": "main.cjs"}');
  writeFileSync(join(path, 'main.cjs'), `${required} module.exports = { create: ${create} };`);
  expect(await runMarconi(['conformance', path, '--only', 'release'])).toMatchObject({ code: 0 });
});

test.each([
  ['a module that is not there', ['nowhere.cjs'], /nowhere\.cjs: no such file, and no such package/],
  ['a module that breaks', [moduleFile('broken.cjs', 'throw new Error("no");')], /broken\.cjs cannot be loaded: no/],
  ['a module without a factory', [moduleFile('empty.cjs', '')], /neither its export "factory" nor its default one/],
  ['an unknown fault', [sound, '--fault', 'eats'], /no fault is called eats; there are: loses-post/],
  ['an unknown area', [sound, '--only', 'poking'], /no area is called poking; there are: opening/],
  ['a time that is none', [sound, '--case-seconds', 'long'], /--case-seconds: expected a number above 0, got "long"/],
  [
    'exceptions that are not there',
    [sound, '--exceptions', join(folder, 'no.yaml')],
    /no\.yaml: the exceptions cannot be read/,
  ],
  ['exceptions of no case', [sound, '--exceptions', moduleFile('odd.yaml', 'a > b: c')], /no case is called "a > b"/],
  [
    'exceptions of another shape',
    [sound, '--exceptions', moduleFile('list.yaml', '[1]')],
    /expected a mapping of case ids/,
  ],
])('refuses %s with 2', async (_, args, message) => {
  const { code, stderr, stdout } = await runMarconi(['conformance', ...args]);
  expect(stderr).toMatch(message);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
});
