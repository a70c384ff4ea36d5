import { ProgressLine } from '../../../src/cli/progress.js';
import type { CopyProgress } from '../../../src/storage/copy/index.js';

/** A progress line at a time that the test sets, and what it has written. */
function line(isTTY: boolean, everyMs: number) {
  const written: string[] = [];
  const at = { now: 1_000 };
  const output = { isTTY, write: (text: string) => written.push(text) };
  return { written, at, shown: new ProgressLine(output, everyMs, () => at.now) };
}

const state = (messagesDone: number, more: Partial<CopyProgress> = {}): CopyProgress => {
  return { phase: 'copying', queues: 3, queuesDone: 1, messages: 900, messagesDone, messagesFound: 0, ...more };
};

test('without a terminal a line is written now and then, the first when that time is over', () => {
  const { written, at, shown } = line(false, 5_000);
  for (const [now, done] of [
    [1_000, 0],
    [5_999, 100],
    [6_000, 200],
    [8_000, 300],
    [11_000, 400],
  ] as const) {
    at.now = now;
    shown.show(state(done));
  }
  shown.end();
  expect(written).toEqual([
    'copying: queues 1/3, messages 200/900, 40/s\n',
    'copying: queues 1/3, messages 400/900, 40/s\n',
  ]);
});

test('on a terminal one line is written anew, ten times a second, and left standing at the end of a phase', () => {
  const { written, at, shown } = line(true, 5_000);
  shown.show(state(0));
  at.now += 99;
  shown.show(state(1));
  at.now += 1;
  shown.show(state(50));
  shown.show(state(0, { phase: 'verifying', queuesDone: 3, messages: 1_800 }));
  shown.end();
  shown.end();
  const anew = '\r\x1b[K';
  expect(written).toEqual([
    `${anew}copying: queues 1/3, messages 0/900, 0/s`,
    `${anew}copying: queues 1/3, messages 50/900, 500/s`,
    '\n',
    `${anew}verifying: queues 3/3, messages 0/1800, 0/s`,
    '\n',
  ]);
});

test('what earlier runs had stored does not count for the rate', () => {
  const { written, at, shown } = line(false, 0);
  shown.show(state(600, { messagesFound: 600 }));
  at.now += 2_000;
  shown.show(state(800, { messagesFound: 600 }));
  expect(written.map((text) => text.split(', ').at(-1))).toEqual(['0/s\n', '100/s\n']);
});
