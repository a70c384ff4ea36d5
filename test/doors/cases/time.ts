import { refusal } from '../../support/doors/index.js';
import { idsOf, json, numbers, refused, type SlowCase } from '../stage.js';

/** Cases that wait until all that lives 60 seconds is over. */
export const ending: Readonly<Record<string, SlowCase>> = {
  'of a claim frees its messages, and nobody honours it': {
    before: async ({ door, queue, post }) => {
      await post('1', '2');
      const claim = await door.claim(queue, { ttl: 60, grace: 600, limit: 2 });
      return [claim!.id, ...idsOf(claim!.messages)];
    },
    after: async ({ door, queue }, [claim, ...ids]) => {
      expect(await door.stats(queue)).toMatchObject({ total: 2, claimed: 0, free: 2 });
      expect(await refusal(door.getClaim(queue, claim!))).toEqual(refused('CLAIM_NOT_FOUND'));
      expect(await refusal(door.renew(queue, claim!, { ttl: 60 }))).toEqual(refused('CLAIM_NOT_FOUND'));
      expect(await door.acknowledge(queue, claim!, [ids[0]!])).toEqual(['CLAIM_LOST']);
      expect(await refusal(door.remove(queue, ids[0]!, claim))).toEqual(refused('CLAIM_LOST'));
      await door.release(queue, claim!);
      expect(idsOf((await door.claim(queue))!.messages)).toEqual(ids);
    },
  },
  'of a claim lets the epoch rise': {
    before: async ({ door, queue, post }) => {
      await post('1');
      await door.claim(queue, { ttl: 60, grace: 600, limit: 1 });
      return [];
    },
    after: async ({ door, queue }) => {
      expect((await door.claim(queue))!.messages.map(({ epoch, attempt }) => [epoch, attempt])).toEqual([[2n, 2]]);
    },
  },
  'of a message takes it out of everything': {
    before: async ({ door, other, queue }) => {
      const { ids } = await other.post(queue, [json('1', 60)]);
      await door.setMetadata(queue, Buffer.from('{}'));
      return ids;
    },
    after: async ({ door, queue }, ids) => {
      expect(await door.stats(queue)).toMatchObject({ total: 0, oldest: null });
      expect(await refusal(door.get(queue, ids[0]!))).toEqual(refused('MESSAGE_NOT_FOUND'));
      expect(await door.getMany(queue, ids)).toEqual([]);
      expect((await door.list(queue, { includeClaimed: true })).messages).toEqual([]);
      expect(await door.claim(queue)).toBeNull();
    },
  },
  'of nothing comes early to a claim that was renewed': {
    before: async ({ door, queue, other }) => {
      await other.post(queue, numbers(1));
      const { id } = (await door.claim(queue, { ttl: 60, grace: 60, limit: 1 }))!;
      await door.renew(queue, id, { ttl: 600, grace: 60 });
      return [id];
    },
    after: async ({ door, queue }, [claim]) => {
      expect(await door.getClaim(queue, claim!)).toMatchObject({ ttl: 600 });
      expect(await door.claim(queue)).toBeNull();
    },
  },
};
