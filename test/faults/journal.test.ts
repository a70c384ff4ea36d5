import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { History } from '../support/history/index.js';
import { makeTempDir, removeTempDir } from '../support/temp-dir.js';
import { Journal, JournalReader } from './mortal/journal.js';
import { producerMemory, readerMemory } from './mortal/memory.js';

const queue = 'q';
const post = (...values: string[]) => ({ kind: 'post', queue, values, ttl: 60, keyed: true }) as const;

let path: string;
beforeEach(() => {
  path = join(makeTempDir('journal'), 'journal');
});
afterEach(() => removeTempDir(join(path, '..')));

test('a line that a kill cut off is not there in the next life, nor for one who reads along', () => {
  const reader = new JournalReader(path);
  new Journal(path).write('one');
  appendFileSync(path, 'tw');
  expect([...reader.lines()]).toEqual(['one']);
  const next = new Journal(path);
  next.write('three');
  expect(next.past).toEqual(['one']);
  expect([...reader.lines()]).toEqual(['three']);
  expect(readFileSync(path, 'utf8')).toBe('one\nthree\n');
  reader.close();
});

test('a producer goes on after its posts, and first repeats the last one that it knows no answer to', () => {
  const history = new History();
  const memory = () => producerMemory(history.records(), 'p');
  expect(memory()).toEqual({ sent: 0, sequence: 0, pending: null });
  history.invoke('p', post('a', 'b')).ok({ ids: ['m-0', 'm-1'] });
  history.invoke('other', post('x')).unknown();
  expect(memory()).toEqual({ sent: 2, sequence: 1, pending: null });
  history.invoke('p', post('c')).unknown();
  const repeat = history.invoke('p', post('c'));
  expect(memory()).toEqual({ sent: 3, sequence: 2, pending: { values: ['c'], ttl: 60, sequence: 1 } });
  repeat.ok({ ids: ['n-0'] });
  expect(memory()).toEqual({ sent: 3, sequence: 2, pending: null });
});

test('a reader goes on after the last page that it was given', () => {
  const history = new History();
  const page = { kind: 'list', queue, reader: 'r', limit: 20, all: true } as const;
  expect(readerMemory(history.records(), 'r')).toBe('');
  history.invoke('r', page).ok({ messages: [], next: '7' });
  history.invoke('r', page).unknown();
  history.invoke('other', page).ok({ messages: [], next: '9' });
  expect(readerMemory(history.records(), 'r')).toBe('7');
});
