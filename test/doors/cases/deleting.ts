import { refusal } from '../../support/doors/index.js';
import { idsOf, numbers, refused, texts, type Cases } from '../stage.js';

const UNKNOWN = 'mAAAAAAAAAAAAAAAA-0';

export const deleting: Cases = {
  'takes a message away, and succeeds when there is none': async ({ door, queue, post }) => {
    const [id] = await post('1', '2');
    await door.remove(queue, id!);
    await door.remove(queue, id!);
    await door.remove(queue, UNKNOWN);
    await door.remove(queue, 'ill-formed');
    await door.remove('nowhere', id!);
    expect(await refusal(door.get(queue, id!))).toEqual(refused('MESSAGE_NOT_FOUND'));
    expect(await door.stats(queue)).toMatchObject({ total: 1 });
  },
  'tells whether there was one': async ({ door, queue, post }) => {
    const [id] = await post('1');
    expect((await door.remove(queue, id!)).deleted).toBe(true);
    expect((await door.remove(queue, id!)).deleted).toBe(false);
  },
  'needs the claim that holds the message': async ({ door, queue, post }) => {
    const [a, b] = await post('1', '2');
    const first = await door.claim(queue, { limit: 1 });
    const second = await door.claim(queue, { limit: 1 });
    expect(await refusal(door.remove(queue, a!))).toEqual(refused('MESSAGE_CLAIMED'));
    expect(await refusal(door.remove(queue, a!, second!.id))).toEqual(refused('MESSAGE_CLAIMED'));
    expect(await refusal(door.remove(queue, a!, 'unknown'))).toEqual(refused('CLAIM_LOST'));
    await door.remove(queue, a!, first!.id);
    expect(idsOf(await door.getMany(queue, [a!, b!]))).toEqual([b]);
  },
  'refuses a claim that is over': async ({ door, queue, post }) => {
    const [id] = await post('1');
    const claim = await door.claim(queue);
    await door.release(queue, claim!.id);
    expect(await refusal(door.remove(queue, id!, claim!.id))).toEqual(refused('CLAIM_LOST'));
    await door.claim(queue);
    expect(await refusal(door.remove(queue, id!, claim!.id))).toEqual(refused('CLAIM_LOST'));
    expect((await door.get(queue, id!)).id).toBe(id);
  },
  'of many looks at no claim': async ({ door, queue, post }) => {
    const ids = await post('1', '2', '3');
    await door.claim(queue, { limit: 1 });
    await door.removeMany(queue, [ids[0]!, UNKNOWN, ids[1]!]);
    await door.removeMany('nowhere', [ids[2]!]);
    expect(texts((await door.list(queue, { includeClaimed: true })).messages)).toEqual(['3']);
  },
  'of many tells how many there were': async ({ door, queue, post }) => {
    const ids = await post('1', '2', '3');
    expect((await door.removeMany(queue, [ids[0]!, UNKNOWN, ids[1]!, ids[0]!])).deleted).toBe(2);
  },
  'of many takes 1 to 20 ids': async ({ door, other, queue }) => {
    const { ids } = await other.post(queue, numbers(20));
    for (const wrong of [[], [...ids, ids[0]!]]) {
      expect(await refusal(door.removeMany(queue, wrong))).toEqual(refused('INVALID_REQUEST', 'ids'));
    }
    await door.removeMany(queue, ids);
    expect(await door.stats(queue)).toMatchObject({ total: 0 });
  },
};

export const popping: Cases = {
  'takes the first that are free, and deletes them': async ({ door, queue, post }) => {
    await post('1', '2', '3');
    await door.claim(queue, { limit: 1 });
    const popped = await door.pop(queue);
    expect(texts(popped)).toEqual(['2', '3']);
    expect(await door.getMany(queue, idsOf(popped))).toEqual([]);
    expect(await door.pop(queue)).toEqual([]);
    expect(await door.pop('nowhere')).toEqual([]);
  },
  'takes 10 unless told, and 1 to 20': async ({ door, other, queue }) => {
    await other.post(queue, numbers(40));
    expect(await door.pop(queue)).toHaveLength(10);
    expect(await door.pop(queue, 1)).toHaveLength(1);
    expect(await door.pop(queue, 20)).toHaveLength(20);
    for (const limit of [0, 21]) {
      expect(await refusal(door.pop(queue, limit))).toEqual(refused('INVALID_REQUEST', 'limit'));
    }
  },
};
