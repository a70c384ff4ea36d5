import { MAX_PACK, MAX_WAITING_ANSWERS } from '../../../../src/transport/zmq/limits.js';
import { Writer, type AnswerSocket, type DropCause } from '../../../../src/transport/zmq/writer.js';
import { waitFor } from '../../../support/wait.js';

/** A socket whose clients the test makes full or lets go; it bears one `send` at a time, as zeromq.js does. */
function fakeSocket() {
  const sent: string[] = [];
  const packs: number[] = [];
  const full = new Set<string>();
  const gone = new Set<string>();
  let isSending = false;
  const send = async ([to, ...frames]: [Buffer, ...Uint8Array[]]): Promise<void> => {
    if (isSending) throw Object.assign(new Error('busy'), { code: 'EBUSY' });
    isSending = true;
    await new Promise(setImmediate);
    isSending = false;
    if (full.has(String(to))) throw Object.assign(new Error('full'), { code: 'EAGAIN' });
    if (gone.has(String(to))) throw Object.assign(new Error('gone'), { code: 'EHOSTUNREACH' });
    packs.push(frames.length);
    for (const frame of frames) {
      sent.push(`${String(to)}:${frame.length < 100 ? Buffer.from(frame).toString() : frame.length}`);
    }
  };
  const socket = { send, closed: false, catchUp: () => undefined } as unknown as AnswerSocket;
  const dropped: [DropCause, number][] = [];
  const writer = new Writer(socket, (cause, _to, count) => void dropped.push([cause, count]));
  return { writer, sent, packs, full, gone, dropped };
}

const to = (name: string) => Buffer.from(name);
const idle = (writer: Writer) => waitFor('the writer to be idle', () => writer.isIdle);

test('what waits for a client goes out in one message, in order, within its bounds', async () => {
  const { writer, sent, packs } = fakeSocket();
  const count = MAX_PACK.frames + 10;
  for (let n = 0; n < count; n++) writer.send(to('a'), Buffer.from(String(n)));
  await idle(writer);
  expect(sent).toEqual(Array.from({ length: count }, (_, n) => `a:${n}`));
  expect(packs).toEqual([MAX_PACK.frames, 10]);
});

test('a message holds so many bytes, or one frame that is larger', async () => {
  const { writer, packs } = fakeSocket();
  const sizes = [0.5, 0.5, 0.1, 2, 0.5].map((share) => share * MAX_PACK.bytes);
  for (const size of sizes) writer.send(to('a'), Buffer.alloc(size));
  await idle(writer);
  expect(packs).toEqual([2, 1, 1, 1]);
});

test('a client that is full holds up nobody, and gets its frames in order once it reads', async () => {
  const { writer, sent, full } = fakeSocket();
  full.add('slow');
  for (let n = 0; n < 5; n++) {
    writer.send(to('slow'), Buffer.from(String(n)));
    writer.send(to('quick'), Buffer.from(String(n)));
  }
  await waitFor('the quick one', () => sent.length === 5);
  expect(sent.every((line) => line.startsWith('quick'))).toBe(true);
  full.delete('slow');
  await idle(writer);
  expect(sent.slice(5)).toEqual([0, 1, 2, 3, 4].map((n) => `slow:${n}`));
});

test('what waits for one client is bounded: above it the shorter frame goes out instead', async () => {
  const { writer, sent, full, dropped } = fakeSocket();
  full.add('slow');
  const half = Buffer.alloc(MAX_WAITING_ANSWERS.clientBytes / 2);
  for (let n = 0; n < 4; n++) writer.send(to('slow'), half, () => Buffer.from(`no ${n}`));
  await waitFor('all to be tried', () => !writer.isIdle && sent.length === 0);
  await new Promise((resolve) => setTimeout(resolve, 50));
  full.delete('slow');
  await idle(writer);
  expect(sent).toEqual([`slow:${half.length}`, `slow:${half.length}`, 'slow:no 2', 'slow:no 3']);
  expect(dropped).toEqual([]);
});

test('what waits for all that are slow is bounded too; who reads gets its answers all the while', async () => {
  const { writer, sent, full, dropped } = fakeSocket();
  const piece = Buffer.alloc(MAX_WAITING_ANSWERS.clientBytes);
  const fitting = MAX_WAITING_ANSWERS.bytes / piece.length;
  for (let n = 0; n < fitting; n++) {
    full.add(`c${n}`);
    writer.send(to(`c${n}`), piece);
  }
  await new Promise((resolve) => setTimeout(resolve, 50));
  for (let n = 0; n < fitting; n++) writer.send(to(`c${n}`), piece);
  expect(dropped).toHaveLength(fitting);
  writer.send(to('quick'), piece, () => Buffer.from('no'));
  await waitFor('the quick one', () => sent.length === 1);
  expect(sent).toEqual([`quick:${piece.length}`]);
  full.clear();
  await idle(writer);
  expect(sent).toHaveLength(1 + fitting);
});

test('a client that is gone loses its frames, which are counted', async () => {
  const { writer, sent, gone, dropped } = fakeSocket();
  gone.add('b');
  writer.send(to('b'), Buffer.from('1'));
  writer.send(to('a'), Buffer.from('2'));
  await idle(writer);
  expect([sent, dropped]).toEqual([['a:2'], [['gone', 1]]]);
});
