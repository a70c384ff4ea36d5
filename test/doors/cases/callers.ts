import { refusal } from '../../support/doors/index.js';
import { fresh } from '../../support/rest-client.js';
import { idsOf, json, refused, texts, type Cases } from '../stage.js';

const CLIENT_IDS = ['not a uuid', '3381af92-2b9e-11e3-b191-71861300734', ''];

export const projects: Cases = {
  'have queues of the same name apart': async ({ door, stranger, queue, post }) => {
    await post('1');
    expect((await stranger.createQueue(queue)).created).toBe(true);
    expect(await stranger.stats(queue)).toMatchObject({ total: 0 });
    expect((await stranger.list(queue)).messages).toEqual([]);
    await stranger.deleteQueue(queue);
    expect(await door.stats(queue)).toMatchObject({ total: 1 });
  },
  "see nothing of one another's messages": async ({ door, stranger, queue, post }) => {
    const [id] = await post('1');
    await stranger.createQueue(queue);
    expect(await refusal(stranger.get(queue, id!))).toEqual(refused('MESSAGE_NOT_FOUND'));
    expect(await stranger.getMany(queue, [id!])).toEqual([]);
    await stranger.remove(queue, id!);
    await stranger.removeMany(queue, [id!]);
    expect(await stranger.claim(queue)).toBeNull();
    expect(texts([await door.get(queue, id!)])).toEqual(['1']);
  },
  "cannot touch one another's claims": async ({ door, stranger, queue, post }) => {
    const [id] = await post('1');
    await stranger.createQueue(queue);
    const claim = (await door.claim(queue))!.id;
    expect(await refusal(stranger.getClaim(queue, claim))).toEqual(refused('CLAIM_NOT_FOUND'));
    expect(await refusal(stranger.renew(queue, claim, { ttl: 60 }))).toEqual(refused('CLAIM_NOT_FOUND'));
    await stranger.release(queue, claim);
    await stranger.remove(queue, id!, claim);
    expect(idsOf((await door.getClaim(queue, claim)).messages)).toEqual([id]);
  },
  'list their own queues alone': async ({ door, stranger }) => {
    await stranger.createQueue('theirs');
    expect(await door.listQueues()).toEqual([{ name: 'stage', metadata: null }]);
    expect(await stranger.listQueues()).toEqual([{ name: 'theirs', metadata: null }]);
  },
  'are told apart from the global one': async ({ door }) => {
    const queue = fresh('global');
    const everybody = door.as({ project: null });
    await everybody.createQueue(queue);
    await everybody.post(queue, [json('1')]);
    expect(await refusal(door.getQueue(queue))).toEqual(refused('QUEUE_NOT_FOUND'));
    expect(await everybody.stats(queue)).toMatchObject({ total: 1 });
    await everybody.deleteQueue(queue);
  },
  'have names of 1 to 256 characters of any kind': async ({ door }) => {
    for (const project of ['x', 'é'.repeat(256), '🐇'.repeat(256), 'a b/c?d', '__proto__']) {
      const other = door.as({ project });
      await other.createQueue('q');
      await other.getQueue('q');
      await other.deleteQueue('q');
    }
    const long = door.as({ project: 'é'.repeat(257) });
    expect(await refusal(long.getQueue('q'))).toEqual(refused('INVALID_PROJECT', 'project'));
    expect(await refusal(long.post('q', [json('1')]))).toEqual(refused('INVALID_PROJECT', 'project'));
  },
  'are not empty': async ({ door }) => {
    const empty = door.as({ project: '' });
    expect(await refusal(empty.listQueues())).toEqual(refused('INVALID_PROJECT', 'project'));
    expect(await refusal(empty.post('q', [json('1')]))).toEqual(refused('INVALID_PROJECT', 'project'));
    expect(await refusal(empty.claim('q'))).toEqual(refused('INVALID_PROJECT', 'project'));
  },
};

export const clients: Cases = {
  'do not list their own messages unless they ask': async ({ door, other, queue }) => {
    const { ids } = await door.post(queue, [json('1')]);
    expect((await door.list(queue)).messages).toEqual([]);
    expect(idsOf((await door.list(queue, { echo: true })).messages)).toEqual(ids);
    expect(idsOf((await other.list(queue)).messages)).toEqual(ids);
  },
  'claim, read and delete whosever messages': async ({ door, queue }) => {
    const { ids } = await door.post(queue, [json('1')]);
    expect(idsOf((await door.claim(queue))!.messages)).toEqual(ids);
    expect((await door.get(queue, ids[0]!)).id).toBe(ids[0]);
    await door.removeMany(queue, ids);
    expect(await door.stats(queue)).toMatchObject({ total: 0 });
  },
  'have an id that is a UUID in any spelling': async ({ door, queue }) => {
    const spelled = door.as({ client: '{3381AF922B9E11E3B19171861300734C}' });
    await spelled.post(queue, [json('1')]);
    expect((await door.list(queue)).messages).toEqual([]);
  },
  'have no id that is none': async ({ door, queue }) => {
    for (const client of CLIENT_IDS) {
      const broken = door.as({ client });
      expect(await refusal(broken.post(queue, [json('1')]))).toEqual(refused('INVALID_REQUEST', 'client-id'));
      expect(await refusal(broken.list(queue))).toEqual(refused('INVALID_REQUEST', 'client-id'));
    }
  },
  'need no id': async ({ door, queue }) => {
    const nameless = door.as({ client: null });
    const { ids } = await nameless.post(queue, [json('1')]);
    expect(idsOf((await nameless.list(queue)).messages)).toEqual(ids);
  },
};
