import { formatMarker, formatMessageId, parseMessageId, parsePosition } from '../../../src/storage/index.js';

const BATCH = 'Ab0_-Ab0_-Ab0_-A';
const NOWHERE = { kind: 'nowhere' };

test.each([
  ['', 0],
  ['0', 0],
  ['7', 7],
  ['0007', 7],
  ['9007199254740991', Number.MAX_SAFE_INTEGER],
])('the marker %j stands behind the message %d', (text, marker) => {
  expect(parsePosition(text)).toEqual({ kind: 'after', marker });
});

test('a marker reads as it was shown', () => {
  for (const marker of [1, 1_000_000, Number.MAX_SAFE_INTEGER])
    expect(parsePosition(formatMarker(marker))).toEqual({ kind: 'after', marker });
});

test('the id of a message is a position too', () => {
  const id = formatMessageId(BATCH, 12);
  expect(parsePosition(id)).toEqual({ kind: 'afterMessage', id });
  expect(parseMessageId(id)).toEqual({ batch: BATCH, index: 12 });
});

test.each(['9007199254740992', '99999999999999999', '-1', '1.0', ' 1', '1e3', 'm', `m${BATCH}-012`, `${BATCH}-1`])(
  'nothing stands behind %j',
  (text) => {
    expect(parsePosition(text)).toEqual(NOWHERE);
  },
);
