import { refusal } from '../../support/doors/index.js';
import { idsOf, json, numbers, refused, texts, type Cases } from '../stage.js';

/** JSON texts that a careless hand would change. */
const BODIES = [
  '{"größe":"🐇 日本語 \\u00e9 \\ud83d\\udc07"}',
  ' [ 1 ,\t2\r\n] ',
  '9223372036854775807',
  '-9223372036854775808',
  '{"n":[9007199254740993,1e400,-0,0.1e-7,1E5]}',
  '{"a":1,"a":2,"__proto__":3}',
  '"\\"\\\\\\/\\b\\u0000\u2028\ufeff"',
  'null',
  '""',
  '[]',
];
const SIZE = 262_144;

/** A JSON text of so many bytes. */
const ofBytes = (bytes: number): string => `"${'x'.repeat(bytes - 2)}"`;
const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

export const posting: Cases = {
  'gives an id for each message, in their order': async ({ door, other, queue }) => {
    const { ids, duplicate } = await door.post(queue, numbers(3));
    expect(new Set(ids).size).toBe(3);
    expect(duplicate).toBe(false);
    const { messages } = await other.list(queue);
    expect(idsOf(messages)).toEqual(ids);
    expect(texts(messages)).toEqual(['0', '1', '2']);
  },
  'gives markers that rise, and says how durable it is': async ({ door, queue }) => {
    const { markers, durability } = await door.post(queue, numbers(3));
    expect(markers.map(Number)).toEqual([...markers.map(Number)].sort((a, b) => a - b));
    expect(new Set(markers).size).toBe(3);
    expect(durability).toBe('FSYNC');
  },
  'keeps bodies byte for byte': async ({ door, other, queue }) => {
    const { ids } = await door.post(
      queue,
      BODIES.map((text) => json(text)),
    );
    // White space around a text is not of the text: REST posts an element of an array.
    const kept = BODIES.map((text) => text.trim());
    expect(texts((await other.list(queue)).messages).map((text) => text.trim())).toEqual(kept);
    expect(texts(await door.getMany(queue, ids)).map((text) => text.trim())).toEqual(kept);
    expect(texts((await door.claim(queue))!.messages).map((text) => text.trim())).toEqual(kept);
  },
  'keeps white space around a body': async ({ door, queue }) => {
    const { ids } = await door.post(queue, [json(' 1\n')]);
    expect(texts([await door.get(queue, ids[0]!)])).toEqual([' 1\n']);
  },
  'keeps messages of other types, with their type': async ({ door, queue }) => {
    const body = Buffer.from([0, 255, 1, 254]);
    const { ids } = await door.post(queue, [
      { body, ttl: 60, contentType: 'application/octet-stream' },
      { body: Buffer.from('{"a":1}'), ttl: 60, contentType: 'Application/JSON; charset=utf-8' },
    ]);
    const [first, second] = await door.getMany(queue, ids);
    expect([first!.contentType, [...first!.body]]).toEqual(['application/octet-stream', [...body]]);
    expect(second!.contentType).toBe('');
  },
  'takes types of up to 255 printable characters': async ({ door, queue }) => {
    const of = (contentType: string) => ({ body: Buffer.from('1'), ttl: 60, contentType });
    await door.post(queue, [of('a'.repeat(255))]);
    for (const type of ['a'.repeat(256), 'text/é']) {
      const outcome = await refusal(door.post(queue, [of('a/b'), of(type)]));
      expect(outcome).toEqual(refused('INVALID_REQUEST', 'messages[1].content_type'));
    }
  },
  'takes lives of 60 to 1209600 seconds': async ({ door, queue }) => {
    const { ids } = await door.post(queue, [json('1', 60), json('2', 1_209_600)]);
    expect((await door.getMany(queue, ids)).map(({ ttl }) => ttl)).toEqual([60, 1_209_600]);
    for (const ttl of [59, 0, 1_209_601]) {
      const outcome = await refusal(door.post(queue, [json('1'), json('2', ttl)]));
      expect(outcome).toEqual(refused('INVALID_REQUEST', 'messages[1].ttl_seconds'));
    }
  },
  'needs a message': async ({ door, queue }) => {
    expect(await refusal(door.post(queue, []))).toEqual(refused('INVALID_REQUEST', 'messages'));
  },
  'takes up to 16384 messages': async ({ door, queue }) => {
    const { ids } = await door.post(
      queue,
      numbers(16_384).map(({ ttl }) => json('1', ttl)),
    );
    expect(new Set(ids).size).toBe(16_384);
    const outcome = await refusal(door.post(queue, Array<ReturnType<typeof json>>(16_385).fill(json('1'))));
    expect(outcome).toEqual(refused('INVALID_REQUEST', 'messages'));
    expect(await door.stats(queue)).toMatchObject({ total: 16_384 });
  },
  'takes bodies of 262144 bytes in all': async ({ door, queue }) => {
    const halves = [json(ofBytes(SIZE / 2)), json(ofBytes(SIZE / 2))];
    const { ids } = await door.post(queue, halves);
    expect(await door.getMany(queue, ids)).toHaveLength(2);
    const outcome = await refusal(door.post(queue, [...halves, json('1')]));
    expect(outcome).toEqual(refused('INVALID_REQUEST', 'messages'));
  },
  'refuses more than a whole request may have': async ({ door, queue }) => {
    await door.post(queue, [json(ofBytes(SIZE - 100))]);
    expect(await refusal(door.post(queue, [json(ofBytes(SIZE + 1))]))).toEqual(refused('INVALID_REQUEST', 'messages'));
    expect(await door.stats(queue)).toMatchObject({ total: 1 });
  },
  'refuses a body that is no JSON, and names it': async ({ door, queue }) => {
    for (const text of ['{"a":}', '', '1 2', 'NaN', "'a'", '{"a":1,}', '"\\x"', '01']) {
      const outcome = await refusal(door.post(queue, [json('1'), json(text)]));
      expect([text, outcome]).toEqual([text, refused('INVALID_BODY', 'messages[1].body')]);
    }
  },
  'refuses a body that is no JSON, by its reason': async ({ door, queue }) => {
    const encoded = [Buffer.from([0x22, 0xff, 0x22]), Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])];
    for (const body of ['{"a":}', 'NaN', '9223372036854775808', '-9223372036854775809'].map((text) =>
      Buffer.from(text),
    ))
      encoded.push(body);
    for (const body of encoded) {
      const { reason } = await refusal(door.post(queue, [json('1'), { body, ttl: 60 }]));
      expect([body.toString('latin1'), reason]).toEqual([body.toString('latin1'), 'INVALID_BODY']);
    }
  },
  'takes bodies nested 1000 deep': async ({ door, queue }) => {
    await door.post(queue, [json(nested(1_000))]);
    expect((await refusal(door.post(queue, [json(nested(1_001))]))).reason).toBe('INVALID_BODY');
  },
  'takes bodies nested 998 deep': async ({ door, queue }) => {
    await door.post(queue, [json(nested(998))]);
    expect((await refusal(door.post(queue, [json(nested(1_001))]))).reason).toBe('INVALID_BODY');
  },
  'stores nothing of what it refuses': async ({ door, queue }) => {
    await refusal(door.post(queue, [json('1'), json('2', 1)]));
    await refusal(door.post(queue, [json('1'), json('{')]));
    expect(await door.stats(queue)).toMatchObject({ total: 0 });
  },
  'names all fields that are wrong': async ({ door, queue }) => {
    const outcome = await refusal(door.post(queue, [json('1', 1), json('2'), json('3', 2)]));
    expect(outcome).toEqual(refused('INVALID_REQUEST', 'messages[0].ttl_seconds', 'messages[2].ttl_seconds'));
  },
  'needs a queue that is there': async ({ door }) => {
    expect(await refusal(door.post('nowhere', [json('1')]))).toEqual(refused('QUEUE_NOT_FOUND'));
  },
  'is done side by side without losing or doubling': async ({ door, queue }) => {
    const receipts = await Promise.all(Array.from({ length: 40 }, (_, index) => door.post(queue, [json(`${index}`)])));
    expect(new Set(receipts.flatMap(({ ids }) => ids)).size).toBe(40);
    expect(await door.stats(queue)).toMatchObject({ total: 40 });
  },
};

const KEY = { producer: 'p', sequence: 7n };

export const repeating: Cases = {
  'gives the first receipt, and stores nothing': async ({ door, queue }) => {
    const first = await door.post(queue, numbers(2), KEY);
    const again = await door.post(queue, numbers(2), KEY);
    expect([again.ids, first.duplicate, again.duplicate]).toEqual([first.ids, false, true]);
    expect(await door.stats(queue)).toMatchObject({ total: 2 });
  },
  'gives the first markers': async ({ door, queue }) => {
    const { markers } = await door.post(queue, numbers(2), KEY);
    await door.post(queue, numbers(1));
    expect((await door.post(queue, numbers(2), KEY)).markers).toEqual(markers);
  },
  'side by side stores once': async ({ door, queue }) => {
    const receipts = await Promise.all(Array.from({ length: 10 }, () => door.post(queue, numbers(1), KEY)));
    expect(new Set(receipts.flatMap(({ ids }) => ids)).size).toBe(1);
    expect(receipts.filter(({ duplicate }) => duplicate)).toHaveLength(9);
  },
  'with other content is refused': async ({ door, queue }) => {
    await door.post(queue, numbers(1), KEY);
    for (const other of [[json('1')], numbers(2), [json('0', 61)]]) {
      expect(await refusal(door.post(queue, other, KEY))).toEqual(refused('PRODUCER_KEY_REUSED'));
    }
    expect(await door.stats(queue)).toMatchObject({ total: 1 });
  },
  'is another post under another sequence, producer, queue or project': async ({ door, stranger, queue }) => {
    await door.createQueue('second');
    await stranger.createQueue(queue);
    const receipts = [
      await door.post(queue, numbers(1), KEY),
      await door.post(queue, numbers(1), { ...KEY, sequence: 8n }),
      await door.post(queue, numbers(1), { ...KEY, producer: 'q' }),
      await door.post('second', numbers(1), KEY),
      await stranger.post(queue, numbers(1), KEY),
    ];
    expect(receipts.map(({ duplicate }) => duplicate)).toEqual([false, false, false, false, false]);
  },
  'needs a producer of 1 to 64 bytes, and a sequence': async ({ door, queue }) => {
    await door.post(queue, numbers(1), { producer: 'é'.repeat(32), sequence: 2n ** 64n - 1n });
    const long = refusal(door.post(queue, numbers(1), { producer: 'é'.repeat(33), sequence: 1n }));
    expect(await long).toEqual(refused('INVALID_REQUEST', 'producer_id'));
    const empty = refusal(door.post(queue, numbers(1), { producer: '', sequence: 1n }));
    expect(await empty).toEqual(refused('INVALID_REQUEST', 'producer_id'));
    const half = refusal(door.post(queue, numbers(1), { producer: 'p' }));
    expect(await half).toEqual(refused('INVALID_REQUEST', 'producer_sequence'));
  },
};
