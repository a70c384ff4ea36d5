import { refusal } from '../../support/doors/index.js';
import { refused, type Cases } from '../stage.js';

const LONG = 'q'.repeat(64);
const METADATA = '{ "größe":"🐇\\u00e9", "n":[9223372036854775807,-9223372036854775808 ],"f":1e400 }\n';

export const queues: Cases = {
  'is made once': async ({ door }) => {
    expect((await door.createQueue('made')).created).toBe(true);
    expect((await door.createQueue('made')).created).toBe(false);
  },
  'making it again leaves messages and metadata': async ({ door, queue, post }) => {
    await post('1');
    await door.setMetadata(queue, Buffer.from('{"a":1}'));
    await door.createQueue(queue);
    expect(await door.stats(queue)).toMatchObject({ total: 1 });
    expect((await door.getMetadata(queue)).toString()).toBe('{"a":1}');
  },
  'is found when it is there, and refused when not': async ({ door, queue }) => {
    await door.getQueue(queue);
    expect(await refusal(door.getQueue('nowhere'))).toEqual(refused('QUEUE_NOT_FOUND'));
  },
  'has a name of any allowed character, up to 64 of them': async ({ door }) => {
    for (const name of ['a', LONG, 'A-Z_a.z-0.9', '...', '__proto__']) {
      expect(await door.createQueue(name)).toEqual({ created: true });
      await door.getQueue(name);
    }
  },
  'has no other name': async ({ door }) => {
    for (const name of ['a b', 'a/b', `${LONG}q`, 'é', 'a\n', '🐇']) {
      expect(await refusal(door.createQueue(name))).toEqual(refused('INVALID_QUEUE_NAME', 'queue'));
      expect(await refusal(door.stats(name))).toEqual(refused('INVALID_QUEUE_NAME', 'queue'));
      expect(await refusal(door.post(name, []))).toEqual(refused('INVALID_QUEUE_NAME', 'queue'));
      expect(await refusal(door.claim(name))).toEqual(refused('INVALID_QUEUE_NAME', 'queue'));
      expect(await refusal(door.list(name))).toEqual(refused('INVALID_QUEUE_NAME', 'queue'));
      expect(await refusal(door.release(name, 'c'))).toEqual(refused('INVALID_QUEUE_NAME', 'queue'));
    }
  },
  'has a name': async ({ door }) => {
    expect(await refusal(door.stats(''))).toEqual(refused('INVALID_QUEUE_NAME', 'queue'));
    expect(await refusal(door.claim(''))).toEqual(refused('INVALID_QUEUE_NAME', 'queue'));
  },
  'is deleted with all that is in it': async ({ door, queue, post }) => {
    const [id] = await post('1', '2');
    const claim = await door.claim(queue, { limit: 1 });
    await door.deleteQueue(queue);
    await door.deleteQueue(queue);
    expect(await refusal(door.getQueue(queue))).toEqual(refused('QUEUE_NOT_FOUND'));
    await door.createQueue(queue);
    expect(await door.stats(queue)).toMatchObject({ total: 0 });
    expect(await refusal(door.get(queue, id!))).toEqual(refused('MESSAGE_NOT_FOUND'));
    expect(await refusal(door.getClaim(queue, claim!.id))).toEqual(refused('CLAIM_NOT_FOUND'));
  },
  'its deletion tells whether it was there': async ({ door, queue }) => {
    expect((await door.deleteQueue(queue)).deleted).toBe(true);
    expect((await door.deleteQueue(queue)).deleted).toBe(false);
  },
};

export const metadata: Cases = {
  'is an empty object at first': async ({ door, queue }) => {
    expect((await door.getMetadata(queue)).toString()).toBe('{}');
  },
  'comes back byte for byte, and is replaced as a whole': async ({ door, queue }) => {
    for (const text of [METADATA, '{}', '{"b":2}']) {
      await door.setMetadata(queue, Buffer.from(text));
      expect((await door.getMetadata(queue)).toString()).toBe(text);
    }
  },
  'has up to 65536 bytes': async ({ door, queue }) => {
    const ofBytes = (bytes: number) => Buffer.from(`{"n":"${'x'.repeat(bytes - 8)}"}`);
    await door.setMetadata(queue, ofBytes(65_536));
    expect(await door.getMetadata(queue)).toHaveLength(65_536);
    expect(await refusal(door.setMetadata(queue, ofBytes(65_537)))).toEqual(refused('INVALID_REQUEST', 'metadata'));
    expect(await door.getMetadata(queue)).toHaveLength(65_536);
  },
  'is one JSON object without reserved keys or wide integers': async ({ door, queue }) => {
    for (const text of ['{', '[]', 'null', '1', '{"_a":1}', '{"n":9223372036854775808}', '{"n":NaN}']) {
      const outcome = await refusal(door.setMetadata(queue, Buffer.from(text)));
      expect([text, outcome]).toEqual([text, refused('INVALID_REQUEST', 'metadata')]);
    }
    const bytes = Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]);
    expect(await refusal(door.setMetadata(queue, bytes))).toEqual(refused('INVALID_REQUEST', 'metadata'));
  },
  'is of a queue that is there': async ({ door }) => {
    expect(await refusal(door.getMetadata('nowhere'))).toEqual(refused('QUEUE_NOT_FOUND'));
    expect(await refusal(door.setMetadata('nowhere', Buffer.from('{}')))).toEqual(refused('QUEUE_NOT_FOUND'));
  },
};

export const queueLists: Cases = {
  'are in the order of the names, page by page to the end': async ({ door }) => {
    const names = ['Z', 'a', 'a.', 'a-', 'a_', 'b', 'stage'];
    for (const name of names) await door.createQueue(name);
    const seen: string[] = [];
    for (let marker = ''; ; marker = seen.at(-1)!) {
      const page = await door.listQueues({ marker, limit: 3 });
      if (page.length === 0) break;
      seen.push(...page.map(({ name }) => name));
    }
    expect(seen).toEqual(['Z', 'a', 'a-', 'a.', 'a_', 'b', 'stage']);
  },
  'hold 10 unless told, and 1 to 20': async ({ door }) => {
    for (let index = 0; index < 21; index++) await door.createQueue(`q${index}`);
    expect(await door.listQueues()).toHaveLength(10);
    expect(await door.listQueues({ limit: 1 })).toHaveLength(1);
    expect(await door.listQueues({ limit: 20 })).toHaveLength(20);
    for (const limit of [0, 21]) {
      expect(await refusal(door.listQueues({ limit }))).toEqual(refused('INVALID_REQUEST', 'limit'));
    }
  },
  'begin after any text': async ({ door }) => {
    expect(await door.listQueues({ marker: 'sta' })).toEqual([{ name: 'stage', metadata: null }]);
    expect(await door.listQueues({ marker: 'stage' })).toEqual([]);
    expect(await door.listQueues({ marker: 'ß 🐇/&=' })).toEqual([]);
  },
  'show metadata when asked': async ({ door, queue }) => {
    await door.createQueue('other');
    await door.setMetadata(queue, Buffer.from(METADATA.trim()));
    expect(await door.listQueues({ detailed: true })).toEqual([
      { name: 'other', metadata: '{}' },
      { name: queue, metadata: METADATA.trim() },
    ]);
  },
};

export const stats: Cases = {
  'are zero at first': async ({ door, queue }) => {
    const zeros = { total: 0, claimed: 0, free: 0, oldest: null, newest: null };
    expect(await door.stats(queue)).toEqual(zeros);
  },
  'follow post, claim, release and deletion at once': async ({ door, queue, post }) => {
    const ids = await post('1', '2', '3');
    const claim = await door.claim(queue, { limit: 2 });
    const ends = { oldest: ids[0], newest: ids[2] };
    expect(await door.stats(queue)).toEqual({ total: 3, claimed: 2, free: 1, ...ends });
    await door.release(queue, claim!.id);
    expect(await door.stats(queue)).toEqual({ total: 3, claimed: 0, free: 3, ...ends });
    await door.remove(queue, ids[0]!);
    expect(await door.stats(queue)).toEqual({ total: 2, claimed: 0, free: 2, oldest: ids[1], newest: ids[2] });
  },
  'are of a queue that is there': async ({ door }) => {
    expect(await refusal(door.stats('nowhere'))).toEqual(refused('QUEUE_NOT_FOUND'));
  },
};
