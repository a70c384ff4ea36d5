import { refusal } from '../../support/doors/index.js';
import { idsOf, json, numbers, refused, texts, type Cases } from '../stage.js';

const UNKNOWN = 'mAAAAAAAAAAAAAAAA-0';

export const listing: Cases = {
  'shows a message with its life and age': async ({ door, queue, post }) => {
    const [id] = await post('{"a": 1}');
    const [message] = (await door.list(queue)).messages;
    expect(message).toMatchObject({ id, ttl: 300 });
    expect(message!.body.toString()).toBe('{"a": 1}');
    expect(message!.age).toBeGreaterThanOrEqual(0);
    expect(message!.age).toBeLessThan(30);
  },
  'shows markers, epochs and attempts': async ({ door, other, queue }) => {
    const { markers } = await other.post(queue, numbers(2));
    const { messages, next } = await door.list(queue);
    expect(messages.map(({ marker, epoch, attempt }) => [marker, epoch, attempt])).toEqual([
      [markers[0], 0n, 0],
      [markers[1], 0n, 0],
    ]);
    expect(next).toBe(markers[1]);
  },
  'goes page by page to the end, each message once': async ({ door, other, queue }) => {
    const { ids } = await other.post(queue, numbers(45));
    const seen: string[] = [];
    const sizes: number[] = [];
    for (let marker = ''; seen.length < 45;) {
      const page = await door.list(queue, { marker, limit: 20 });
      seen.push(...idsOf(page.messages));
      sizes.push(page.messages.length);
      marker = page.next;
    }
    expect(sizes).toEqual([20, 20, 5]);
    expect(seen).toEqual(ids);
  },
  'gives back the marker at the end': async ({ door, queue, post }) => {
    await post('1');
    const { next } = await door.list(queue);
    expect(await door.list(queue, { marker: next })).toEqual({ messages: [], next });
  },
  'goes on after a message that was deleted': async ({ door, queue, post }) => {
    const ids = await post('1', '2', '3');
    const { next } = await door.list(queue, { limit: 2 });
    await door.removeMany(queue, ids.slice(0, 2));
    expect(texts((await door.list(queue, { marker: next })).messages)).toEqual(['3']);
  },
  'begins after a message that is named by its id': async ({ door, queue, post }) => {
    const ids = await post('1', '2', '3');
    expect(texts((await door.list(queue, { marker: ids[0]! })).messages)).toEqual(['2', '3']);
    expect((await door.list(queue, { marker: ids[2]! })).messages).toEqual([]);
  },
  'is empty after a place that is none': async ({ door, queue, post }) => {
    await post('1');
    expect((await door.list(queue, { marker: UNKNOWN })).messages).toEqual([]);
    expect((await door.list(queue, { marker: 'nowhere' })).messages).toEqual([]);
  },
  'is empty after a number that is beyond all': async ({ door, queue, post }) => {
    await post('1');
    expect((await door.list(queue, { marker: '9007199254740991' })).messages).toEqual([]);
  },
  'holds 10 unless told': async ({ door, other, queue }) => {
    await other.post(queue, numbers(12));
    expect((await door.list(queue)).messages).toHaveLength(10);
  },
  'holds 1 to 20': async ({ door, other, queue }) => {
    await other.post(queue, numbers(21));
    expect((await door.list(queue, { limit: 1 })).messages).toHaveLength(1);
    expect((await door.list(queue, { limit: 20 })).messages).toHaveLength(20);
    for (const limit of [0, 21]) {
      expect(await refusal(door.list(queue, { limit }))).toEqual(refused('INVALID_REQUEST', 'limit'));
    }
  },
  'leaves out claimed messages unless asked': async ({ door, queue, post }) => {
    await post('1', '2', '3');
    await door.claim(queue, { limit: 2 });
    expect(texts((await door.list(queue)).messages)).toEqual(['3']);
    expect(texts((await door.list(queue, { includeClaimed: true })).messages)).toEqual(['1', '2', '3']);
  },
  'is empty where there is no queue': async ({ door }) => {
    expect((await door.list('nowhere')).messages).toEqual([]);
  },
  'ends a page early for large bodies, and misses none': async ({ door, other, queue }) => {
    const body = `"${'x'.repeat(250_000)}"`;
    for (let index = 0; index < 15; index++) await other.post(queue, [json(body)]);
    const first = await door.list(queue, { limit: 20 });
    expect(first.messages.length).toBeLessThan(15);
    const seen = idsOf(first.messages);
    for (let page = first; page.messages.length > 0 && seen.length < 15;) {
      page = await door.list(queue, { limit: 20, marker: page.next });
      seen.push(...idsOf(page.messages));
    }
    expect(new Set(seen).size).toBe(15);
    expect(seen).toHaveLength(15);
  },
};

export const reading: Cases = {
  'gives a message by its id, claimed or not': async ({ door, queue, post }) => {
    const ids = await post('1', '2');
    await door.claim(queue, { limit: 1 });
    expect(texts([await door.get(queue, ids[0]!), await door.get(queue, ids[1]!)])).toEqual(['1', '2']);
  },
  'knows no other id': async ({ door, queue, post }) => {
    const [id] = await post('1');
    await door.createQueue('second');
    for (const unknown of [UNKNOWN, 'ill-formed', 'a/b?c', '🐇', `${id}0`, id!.slice(0, -1)]) {
      const outcome = await refusal(door.get(queue, unknown));
      expect([unknown, outcome]).toEqual([unknown, refused('MESSAGE_NOT_FOUND')]);
    }
    expect(await refusal(door.get('second', id!))).toEqual(refused('MESSAGE_NOT_FOUND'));
    expect(await refusal(door.get('nowhere', id!))).toEqual(refused('MESSAGE_NOT_FOUND'));
  },
  'gives many by their ids, oldest first and each once': async ({ door, queue, post }) => {
    const [a, b, c] = await post('1', '2', '3');
    await door.claim(queue, { limit: 1 });
    expect(texts(await door.getMany(queue, [c!, UNKNOWN, a!, c!, 'ill-formed', b!]))).toEqual(['1', '2', '3']);
    expect(await door.getMany(queue, [UNKNOWN])).toEqual([]);
    expect(await door.getMany('nowhere', [a!])).toEqual([]);
  },
  'takes up to 20 ids': async ({ door, other, queue }) => {
    const { ids } = await other.post(queue, numbers(20));
    expect(idsOf(await door.getMany(queue, ids))).toEqual(ids);
    expect(await refusal(door.getMany(queue, [...ids, ids[0]!]))).toEqual(refused('INVALID_REQUEST', 'ids'));
  },
  'needs an id': async ({ door, queue }) => {
    expect(await refusal(door.getMany(queue, []))).toEqual(refused('INVALID_REQUEST', 'ids'));
  },
  'gives all, also where they are larger than one answer': async ({ door, other, queue }) => {
    const ids: string[] = [];
    for (let index = 0; index < 15; index++) {
      ids.push(...(await other.post(queue, [json(`"${'x'.repeat(250_000)}${index}"`)])).ids);
    }
    expect(new Set(idsOf(await door.getMany(queue, ids)))).toEqual(new Set(ids));
  },
};
