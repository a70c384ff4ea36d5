import { refusal } from '../../support/doors/index.js';
import { idsOf, json, numbers, refused, texts, type Cases } from '../stage.js';

export const claiming: Cases = {
  'takes the oldest first, each message once': async ({ door, other, queue, post }) => {
    await post('1', '2', '3');
    expect(texts((await door.claim(queue, { limit: 2 }))!.messages)).toEqual(['1', '2']);
    expect(texts((await other.claim(queue, { limit: 2 }))!.messages)).toEqual(['3']);
    expect(await door.claim(queue, { limit: 2 })).toBeNull();
  },
  'gives epochs and attempts that rise, and keeps ids and markers': async ({ door, other, queue }) => {
    const { ids, markers } = await other.post(queue, numbers(1));
    for (const round of [1, 2, 3]) {
      const claim = await door.claim(queue);
      const { id, marker, epoch, attempt } = claim!.messages[0]!;
      expect([id, marker, epoch, attempt]).toEqual([ids[0], markers[0], BigInt(round), round]);
      await door.release(queue, claim!.id);
    }
  },
  'gives nothing where there is nothing': async ({ door, queue }) => {
    expect(await door.claim(queue)).toBeNull();
  },
  'gives nothing where there is no queue': async ({ door }) => {
    expect(await door.claim('nowhere')).toBeNull();
  },
  'takes 10 unless told': async ({ door, other, queue }) => {
    await other.post(queue, numbers(12));
    expect((await door.claim(queue))!.messages).toHaveLength(10);
  },
  'takes 1 to 20': async ({ door, other, queue }) => {
    await other.post(queue, numbers(25));
    expect((await door.claim(queue, { limit: 1 }))!.messages).toHaveLength(1);
    expect((await door.claim(queue, { limit: 20 }))!.messages).toHaveLength(20);
    for (const limit of [0, 21]) {
      expect(await refusal(door.claim(queue, { limit }))).toEqual(refused('INVALID_REQUEST', 'limit'));
    }
  },
  'takes spans of 60 to 43200 seconds': async ({ door, queue, post }) => {
    await post('1', '2');
    for (const span of [60, 43_200]) {
      const claim = await door.claim(queue, { ttl: span, grace: span, limit: 1 });
      expect((await door.getClaim(queue, claim!.id)).ttl).toBe(span);
    }
    for (const span of [59, 43_201]) {
      expect(await refusal(door.claim(queue, { ttl: span }))).toEqual(refused('INVALID_REQUEST', 'ttl_seconds'));
      expect(await refusal(door.claim(queue, { grace: span }))).toEqual(refused('INVALID_REQUEST', 'grace_seconds'));
    }
  },
  'names all fields that are wrong': async ({ door, queue }) => {
    const outcome = await refusal(door.claim(queue, { ttl: 59, grace: 43_201, limit: 21 }));
    expect(outcome).toEqual(refused('INVALID_REQUEST', 'ttl_seconds', 'grace_seconds', 'limit'));
  },
  'lengthens the life of its messages': async ({ door, other, queue }) => {
    await other.post(queue, [json('1', 60), json('2', 10_000)]);
    const claim = await door.claim(queue, { ttl: 300, grace: 100 });
    expect(claim!.messages.map(({ ttl }) => ttl)).toEqual([400, 10_000]);
  },
  'waits for a message': async ({ door, other, queue }) => {
    const claim = door.claim(queue, { wait: 20, limit: 1 });
    await new Promise((resolve) => setTimeout(resolve, 100));
    const { ids } = await other.post(queue, numbers(1));
    expect(idsOf((await claim)!.messages)).toEqual(ids);
  },
  'waits no longer than it was told': async ({ door, queue }) => {
    const started = performance.now();
    expect(await door.claim(queue, { wait: 1 })).toBeNull();
    expect(performance.now() - started).toBeGreaterThanOrEqual(990);
  },
  'waits 0 to 30 seconds': async ({ door, queue, post }) => {
    await post('1', '2');
    for (const wait of [0, 30]) expect((await door.claim(queue, { wait, limit: 1 }))!.messages).toHaveLength(1);
    expect(await refusal(door.claim(queue, { wait: 31 }))).toEqual(refused('INVALID_REQUEST', 'wait'));
  },
  'ends a wait at the deadline, and takes nothing later': async ({ door, other, queue }) => {
    expect((await refusal(door.claim(queue, { wait: 20, deadlineMs: 300 }))).reason).toBe('DEADLINE_EXCEEDED');
    await new Promise((resolve) => setTimeout(resolve, 200));
    await other.post(queue, numbers(1));
    expect((await door.claim(queue))!.messages).toHaveLength(1);
  },
};

export const holding: Cases = {
  'shows a claim with what is left under it': async ({ door, queue, post }) => {
    const ids = await post('1', '2');
    const { id } = (await door.claim(queue, { ttl: 120 }))!;
    const claim = await door.getClaim(queue, id);
    expect(claim).toMatchObject({ id, ttl: 120 });
    expect(claim.age).toBeLessThan(30);
    expect(texts(claim.messages)).toEqual(['1', '2']);
    await door.remove(queue, ids[0]!, id);
    expect(texts((await door.getClaim(queue, id)).messages)).toEqual(['2']);
    await door.remove(queue, ids[1]!, id);
    expect(await refusal(door.getClaim(queue, id))).toEqual(refused('CLAIM_NOT_FOUND'));
  },
  'knows no other claim': async ({ door, queue, post }) => {
    await post('1');
    await door.createQueue('second');
    const { id } = (await door.claim(queue))!;
    const unknown = [
      [queue, 'unknown'],
      [queue, 'a/b?c'],
      ['second', id],
    ] as const;
    for (const [where, claim] of unknown) {
      expect(await refusal(door.getClaim(where, claim))).toEqual(refused('CLAIM_NOT_FOUND'));
      expect(await refusal(door.renew(where, claim, { ttl: 60 }))).toEqual(refused('CLAIM_NOT_FOUND'));
    }
  },
  'renews a claim': async ({ door, queue, post }) => {
    await post('1');
    const { id } = (await door.claim(queue, { ttl: 60 }))!;
    await door.renew(queue, id, { ttl: 600 });
    expect(await door.getClaim(queue, id)).toMatchObject({ ttl: 600 });
    await door.renew(queue, id, { ttl: 60, grace: 43_200 });
    expect((await door.getClaim(queue, id)).messages[0]!.ttl).toBe(43_260);
  },
  'renews for 60 to 43200 seconds, with a grace of 0 to 43200': async ({ door, queue, post }) => {
    await post('1');
    const { id } = (await door.claim(queue))!;
    for (const spans of [{ ttl: 60 }, { ttl: 43_200, grace: 0 }, { ttl: 60, grace: 43_200 }]) {
      await door.renew(queue, id, spans);
    }
    for (const ttl of [59, 43_201]) {
      expect(await refusal(door.renew(queue, id, { ttl }))).toEqual(refused('INVALID_REQUEST', 'ttl_seconds'));
    }
    const long = door.renew(queue, id, { ttl: 60, grace: 43_201 });
    expect(await refusal(long)).toEqual(refused('INVALID_REQUEST', 'grace_seconds'));
  },
  'gives messages back to their old places': async ({ door, queue, post }) => {
    const ids = await post('1', '2', '3');
    const { id } = (await door.claim(queue, { limit: 2 }))!;
    await door.release(queue, id);
    expect(idsOf((await door.list(queue)).messages)).toEqual(ids);
    expect(idsOf((await door.claim(queue))!.messages)).toEqual(ids);
    expect(await refusal(door.getClaim(queue, id))).toEqual(refused('CLAIM_NOT_FOUND'));
  },
  'tells how many were given back': async ({ door, queue, post }) => {
    await post('1', '2');
    const { id } = (await door.claim(queue))!;
    expect((await door.release(queue, id)).released).toBe(2);
    expect((await door.release(queue, id)).released).toBe(0);
    expect((await door.release(queue, 'unknown')).released).toBe(0);
  },
  'gives back nothing of a claim that is none': async ({ door, queue }) => {
    await door.release(queue, 'unknown');
  },
  'gives back nothing where there is no queue': async ({ door }) => {
    await door.release('nowhere', 'unknown');
  },
};

export const acknowledging: Cases = {
  'takes messages away': async ({ door, queue, post }) => {
    const ids = await post('1', '2');
    const { id } = (await door.claim(queue, { limit: 2 }))!;
    expect(await door.acknowledge(queue, id, [ids[0]!])).toEqual(['ACKNOWLEDGED']);
    expect(await door.stats(queue)).toMatchObject({ total: 1, claimed: 1 });
    expect(await door.acknowledge(queue, id, [ids[1]!])).toEqual(['ACKNOWLEDGED']);
    expect(await refusal(door.getClaim(queue, id))).toEqual(refused('CLAIM_NOT_FOUND'));
  },
  'tells of each message in its place': async ({ door, other, queue }) => {
    const { ids } = await other.post(queue, numbers(3));
    const first = (await door.claim(queue, { limit: 2 }))!.id;
    await door.claim(queue, { limit: 1 });
    const asked = [ids[2]!, 'unknown', ids[1]!, ids[0]!];
    const outcomes = ['CLAIM_LOST', 'ALREADY_GONE', 'ACKNOWLEDGED', 'ACKNOWLEDGED'];
    expect(await door.acknowledge(queue, first, asked)).toEqual(outcomes);
    expect(await door.stats(queue)).toMatchObject({ total: 1, claimed: 1 });
  },
  'tells of what is gone': async ({ door, queue, post }) => {
    const ids = await post('1', '2');
    const { id } = (await door.claim(queue))!;
    await door.acknowledge(queue, id, [ids[0]!]);
    expect(await door.acknowledge(queue, id, [ids[0]!])).toEqual(['ALREADY_GONE']);
  },
  'changes nothing under a claim that is lost': async ({ door, queue, post }) => {
    const ids = await post('1');
    const first = (await door.claim(queue))!.id;
    await door.release(queue, first);
    expect(await door.acknowledge(queue, first, ids)).toEqual(['CLAIM_LOST']);
    const second = (await door.claim(queue))!.id;
    expect(await door.acknowledge(queue, first, ids)).toEqual(['CLAIM_LOST']);
    await door.release(queue, first);
    expect(idsOf((await door.getClaim(queue, second)).messages)).toEqual(ids);
    expect(await door.acknowledge(queue, second, ids)).toEqual(['ACKNOWLEDGED']);
  },
  'takes 1 to 20 ids': async ({ door, other, queue }) => {
    const { ids } = await other.post(queue, numbers(20));
    const { id } = (await door.claim(queue, { limit: 20 }))!;
    for (const wrong of [[], [...ids, ids[0]!]]) {
      expect(await refusal(door.acknowledge(queue, id, wrong))).toEqual(refused('INVALID_REQUEST', 'ids'));
    }
    expect(await door.acknowledge(queue, id, ids)).toEqual(Array<string>(20).fill('ACKNOWLEDGED'));
  },
};
