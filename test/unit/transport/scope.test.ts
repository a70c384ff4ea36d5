import { authStrategy } from '../../../src/auth/index.js';
import type { MarconiError } from '../../../src/errors/marconi-error.js';
import { readScope } from '../../../src/tenancy/scope.js';
import { settleProjectHeader } from '../../../src/transport/grpc/tenant-headers.js';

const metadata = (values: Record<string, (string | Buffer)[]>) => ({ get: (key: string) => values[key] ?? [] });
const scopeOf = (values: Record<string, (string | Buffer)[]>) => readScope(metadata(values)).project;
const bytes = (...projects: string[]) => ({ 'marconi-project-bin': projects.map((project) => Buffer.from(project)) });

function reasonOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return (error as MarconiError).reason;
  }
  return 'none';
}

test('no project is the global one, which no name reaches', () => {
  expect(scopeOf({})).toBeNull();
  expect(scopeOf(bytes('null'))).toBe('null');
});

test.each(['a', ' a ', 'a/b', '*', 'ü', '\u0000', '\ufeffx', '__proto__', 'é'.repeat(256), '🐇'.repeat(256)])(
  'the bytes of %j are that project',
  (project) => {
    expect(scopeOf(bytes(project))).toBe(project);
  },
);

test.each([' a', 'a, b', '~', 'x'.repeat(256)])('the text %j is that project', (project) => {
  expect(scopeOf({ 'x-project-id': [project] })).toBe(project);
});

test.each([
  ['empty bytes', bytes('')],
  ['empty text', { 'x-project-id': [''] }],
  ['257 characters', bytes('🐇'.repeat(257))],
  ['257 ASCII characters', { 'x-project-id': ['x'.repeat(257)] }],
  ['bytes that are not UTF-8', { 'marconi-project-bin': [Buffer.from([0xff])] }],
  ['an overlong encoding', { 'marconi-project-bin': [Buffer.from([0xc0, 0xaf])] }],
  ['text beyond ASCII', { 'x-project-id': ['é'] }],
  ['a control character in text', { 'x-project-id': ['a\tb'] }],
  ['two projects', bytes('a', 'b')],
  ['the same but for case', { ...bytes('a'), 'x-project-id': ['A'] }],
  ['one of them empty', { ...bytes('a'), 'x-project-id': [''] }],
])('%s: INVALID_PROJECT', (_name, values) => {
  expect(reasonOf(() => scopeOf(values))).toBe('INVALID_PROJECT');
});

test('the same project given more than once is one', () => {
  expect(scopeOf({ ...bytes('a', 'a'), 'x-project-id': ['a'] })).toBe('a');
});

test('strategy none believes the project and gives no roles', () => {
  const identity = authStrategy('none').identify(metadata(bytes('p')));
  expect(identity).toEqual({ principal: { strategy: 'none', roles: [] }, scope: { project: 'p' } });
});

test.each([
  ['printable ASCII is kept', 'a, b', ['x-project-id', 'a, b'], 'a, b'],
  ['what grpc-js would drop is made empty', 'gr\u00f6', ['x-project-id', 'gr\u00f6'], ''],
  ['two headers that Node.js joined are made empty', 'a, b', ['x-project-id', 'a', 'x-project-id', 'b'], ''],
  ['another header of that value does not count', 'a,b', ['x-project-id', 'a,b', 'x-other', 'x-project-id'], 'a,b'],
])('the header before grpc-js: %s', (_name, value, raw, settled) => {
  const headers = { 'x-project-id': value };
  settleProjectHeader(headers, raw);
  expect(headers['x-project-id']).toBe(settled);
});

test('a call without the header gets none', () => {
  const headers = {};
  settleProjectHeader(headers, []);
  expect(headers).toEqual({});
});
