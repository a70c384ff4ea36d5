import type { StoredMessage } from '../../../../src/engine/api.js';
import { SubscribeResponse } from '../../../../src/gen/marconi/v1/delivery.js';
import { Envelope, EnvelopeKind } from '../../../../src/gen/marconi/v1/envelope.js';
import { PUB_HIGH_WATER, PUBLICATION } from '../../../../src/transport/zmq/limits.js';
import { pageFrame, positionFrame } from '../../../../src/transport/zmq/publication.js';

const stored = (marker: number, bytes: number, contentType = ''): StoredMessage => ({
  id: `${'b'.repeat(16)}-${marker}`,
  marker,
  body: Buffer.alloc(bytes),
  contentType,
  ttl: 300,
  postedAt: 1_800_000_000_000,
  expires: 1_800_000_300,
  epoch: 0,
  attempt: 0,
});
const page = (...messages: StoredMessage[]) => ({ messages, previous: 7, now: 1_800_000_000_000 });
const read = (frame: Uint8Array) => {
  const { version, kind, payload } = Envelope.decode(frame);
  expect({ version, kind }).toEqual({ version: 1, kind: EnvelopeKind.ENVELOPE_KIND_PUBLICATION });
  return SubscribeResponse.decode(payload);
};

test('a page is published with the position before each message, and where it ends', () => {
  const { messages, nextMarker } = read(pageFrame(page(stored(9, 10), stored(12, 10)), 12));
  expect(messages.map(({ message, prevMarker }) => [prevMarker, message?.marker])).toEqual([
    ['7', '9'],
    ['9', '12'],
  ]);
  expect(nextMarker).toBe('12');
});

test('no frame is longer than the limit: what does not fit is told by its position', () => {
  const full = Array.from({ length: PUBLICATION.messages }, (_, n) => stored(n + 8, 256));
  expect(read(pageFrame(page(...full), 71)).messages).toHaveLength(PUBLICATION.messages);
  const wide = full.map((message) => ({ ...message, contentType: 'x'.repeat(255) }));
  for (const messages of [wide, [stored(8, PUBLICATION.frameBytes)], [stored(8, 1_000_000)]]) {
    const frame = pageFrame(page(...messages), 71);
    expect(Buffer.from(frame)).toEqual(Buffer.from(positionFrame(71)));
    expect(read(frame)).toEqual({ messages: [], nextMarker: '71' });
  }
});

test('a hundred subscribers that do not read hold less than 64 MiB together', () => {
  expect(100 * PUB_HIGH_WATER * PUBLICATION.frameBytes).toBeLessThan(64 * 1024 * 1024);
});
