import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OPTIONS, type OptionKey } from '../../../src/config/index.js';
import { INDEXES } from '../../../src/storage/drivers/mongodb/indexes.js';

const read = (path: string): string => readFileSync(join(__dirname, '../../..', path), 'utf8');
const page = read('docs/operate/mongodb.md');

test('mongodb.md lists every index with its key, what is special and why', () => {
  const documented = page.split('\n').filter((line) => /^\| `(messages|heads|posts|queues)\./.test(line));
  const expected = INDEXES.map(({ collection, name, key, unique, ttl, partial, reason }) => {
    const special = unique ? 'unique' : ttl ? 'TTL' : partial ? 'partial' : '–';
    return `| \`${collection}.${name}\` | \`${Object.keys(key).join(', ')}\` | ${special} | ${reason} |`;
  });
  expect(documented).toEqual(expected);
});

test('mongodb.md tells the defaults of the bounds', () => {
  const bounds = page.split('\n').filter((line) => / \| `mongodb\.\w+` \|$/.test(line));
  const keys = (Object.keys(OPTIONS) as OptionKey[]).filter((key) => key.startsWith('mongodb.'));
  expect(bounds).toHaveLength(keys.length);
  for (const key of keys) {
    const value = Number(OPTIONS[key].default);
    const shown = key.endsWith('Ms') ? `${value / 1000} s` : String(value);
    expect(bounds.find((line) => line.includes(`\`${key}\``))).toContain(`| ${shown}`);
  }
});

test('mongodb.md says what to do about every text that a failure of the database has', () => {
  const source = read('src/storage/drivers/mongodb/errors.ts');
  const texts = [...source.matchAll(/['`]((?:The|All|Too|No) [^'`$;:.]+(?:'s [^`$;:.]+)?)/g)].map(([, text]) => text!);
  const explained = page.slice(page.indexOf('## When something is wrong'));
  expect(texts.length).toBeGreaterThan(12);
  for (const text of texts) expect(explained).toContain(text);
});
