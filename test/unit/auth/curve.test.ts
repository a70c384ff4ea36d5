import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { curveKeyPair } from 'zeromq';
import { ClientKeys, makeKeyPair, readSecretKey } from '../../../src/auth/curve/index.js';
import { parseClientKeys } from '../../../src/auth/curve/client-keys.js';
import { decodeKey, encodeZ85 } from '../../../src/auth/curve/z85.js';
import { assertRight } from '../../../src/auth/index.js';
import { makeTempDir, removeTempDir } from '../../support/temp-dir.js';

const folder = makeTempDir('keys');
afterAll(() => removeTempDir(folder));

const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const line = (more = {}) => ({ name: 'a', key: makeKeyPair().publicKey, project: 'p', rights: ['post'], ...more });
const text = (...lines: object[]) => JSON.stringify({ keys: lines });

test('Z85 as in RFC 32, both ways', () => {
  expect(encodeZ85(Buffer.from('864fd26fb559f75b', 'hex'))).toBe('HelloWorld');
  const { publicKey, secretKey } = curveKeyPair();
  for (const key of [publicKey, secretKey]) expect(encodeZ85(decodeKey(key)!)).toBe(key);
});

test.each(['', 'short', '~'.repeat(40), '#'.repeat(40), `${'0'.repeat(39)} `, '0'.repeat(41)])(
  '%p is no key',
  (given) => {
    expect(decodeKey(given)).toBeNull();
  },
);

test("a secret key's file gives the pair that libzmq would make of it", () => {
  const pair = curveKeyPair();
  const read = readSecretKey(file('pair', `${pair.secretKey}\n`));
  expect(encodeZ85(read.publicKey)).toBe(pair.publicKey);
});

test('a file that is no key is named, and its content is not told', () => {
  expect(() => readSecretKey(join(folder, 'absent'))).toThrow('absent');
  expect(() => readSecretKey(file('bad', 'TOPSECRET'))).toThrow(/^(?!.*TOPSECRET).*bad: expected a CURVE secret key/);
});

test('client keys are found by their bytes', () => {
  const one = line({ project: null, rights: ['read', 'post'] });
  const found = new ClientKeys(file('good.yaml', text(one))).find(decodeKey(one.key)!.toString('hex'));
  expect(found).toMatchObject({ name: 'a', project: null, rights: ['read', 'post'] });
});

const twice = line();
test.each([
  ['no list', '{}', 'keys'],
  ['a right that is none', text(line({ rights: ['fly'] })), 'rights'],
  ['no right', text(line({ rights: [] })), 'rights'],
  ['an empty project', text(line({ project: '' })), 'project'],
  ['no project', text({ name: 'a', key: twice.key, rights: ['post'] }), 'project'],
  ['a key that is none', text(line({ key: 'x' })), 'a: expected a public key'],
  ['a key that stands twice', text(twice, { ...twice, name: 'b' }), 'b: its key stands twice'],
  ['a field that is unknown', text(line({ roles: [] })), 'roles'],
  ['no YAML', 'keys: [', ''],
])('a file with %s is refused', (_name, given, said) => {
  expect(() => parseClientKeys('f.yaml', given)).toThrow(said);
});

test('a file that changed is read again; one that is not sound leaves the keys', async () => {
  const [one, two] = [line(), line({ name: 'b' })];
  const id = ({ key }: { key: string }) => decodeKey(key)!.toString('hex');
  const path = file('changing.yaml', text(one));
  const keys = new ClientKeys(path);
  expect(await keys.reload()).toBe('same');
  file('changing.yaml', text(one, two));
  expect(await keys.reload()).toBe('changed');
  expect(keys.find(id(two))?.name).toBe('b');
  file('changing.yaml', 'keys: nonsense');
  expect(await keys.reload()).toHaveProperty('trouble');
  expect(keys.find(id(two))?.name).toBe('b');
  utimesSync(path, 1, 1);
  expect(await keys.reload()).toHaveProperty('trouble');
});

test('rights: strategy none has all, a key what its line says', () => {
  const may = (strategy: 'none' | 'curve', roles: string[], right: 'read' | 'post' | 'none') => {
    try {
      assertRight({ strategy, roles }, right);
      return true;
    } catch {
      return false;
    }
  };
  expect(may('none', [], 'post')).toBe(true);
  expect(may('curve', ['post'], 'post')).toBe(true);
  expect(may('curve', ['post'], 'read')).toBe(false);
  expect(may('curve', ['post'], 'none')).toBe(true);
});
