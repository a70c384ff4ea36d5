import { parseClientId } from '../../../src/domain/client-id.js';

const PLAIN = '3381af922b9e11e3b19171861300734c';

test.each([
  PLAIN,
  PLAIN.toUpperCase(),
  '3381af92-2b9e-11e3-b191-71861300734c',
  '{3381AF92-2b9e-11e3-b191-71861300734c}',
  'urn:uuid:3381af92-2b9e-11e3-b191-71861300734c',
  'URN:UUID:3381af922b9e11e3b19171861300734c',
])('%s is one client in any spelling', (text) => {
  expect(parseClientId(text)).toBe(PLAIN);
});

test.each(['', 'client', PLAIN.slice(1), `${PLAIN}0`, `{${PLAIN}`, PLAIN.replace('3', 'g')])('%j is none', (text) => {
  expect(parseClientId(text)).toBeNull();
});
