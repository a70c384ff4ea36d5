import { DOORS, openDoors, Unsayable, type DoorName, type Doors } from '../support/doors/index.js';
import { CLIENT, fresh } from '../support/rest-client.js';
import { startMarconi, type RunningMarconi } from '../support/server.js';
import { idsOf, json, texts } from './stage.js';

/** What a message is at every door. */
const BODY = '{"größe": "🐇", "n": [9223372036854775807, 1e400]}';
/** PULL differs from ZeroMQ in posting alone. */
const CLAIMERS = DOORS.filter((door) => door !== 'ZeroMQ PULL');
const kindOf = (door: DoorName) => (door === 'ZeroMQ PULL' ? 'ZeroMQ' : door);

let server: RunningMarconi;
let doors: Doors;

beforeAll(async () => {
  server = await startMarconi({ args: ['--log-level=debug'] });
  doors = await openDoors(server);
});

afterAll(async () => {
  doors.close();
  await server.stop();
});

/** Every way through three different doors. */
const ways = DOORS.flatMap((poster) =>
  CLAIMERS.flatMap((claimer) =>
    CLAIMERS.map((last) => [poster, claimer, last] as const).filter(
      (way) => new Set(way.map(kindOf)).size === way.length,
    ),
  ),
);

const settlings = ways.filter(([first]) => first !== 'ZeroMQ PULL');

/** A fact, or null where the door does not show it. */
function fact<T>(look: () => T): T | null {
  try {
    return look();
  } catch (error) {
    if (error instanceof Unsayable) return null;
    throw error;
  }
}

/** Facts of one message by different doors: all that are shown must be the same. */
const same = <T>(...facts: readonly (T | null)[]): T[] => [...new Set(facts.filter((one) => one !== null))];

async function setStage(names: readonly DoorName[]) {
  const project = fresh('mixed');
  const opened = names.map((name) => doors.open(name, { project, client: CLIENT }));
  await opened[0]!.createQueue('q');
  return opened;
}

test.each(ways)('posted by %s, claimed by %s, acknowledged by %s', async (...way) => {
  const [poster, claimer, last] = await setStage(way);
  const receipt = await poster!.post('q', [json(BODY), json('2')]);
  const [id] = receipt.ids;
  const claim = (await claimer!.claim('q', { limit: 1 }))!;
  const [claimed] = claim.messages;
  const shown = await last!.get('q', id!);
  const held = (await last!.getClaim('q', claim.id)).messages[0]!;

  expect(same(id!, claimed!.id, shown.id, held.id)).toHaveLength(1);
  expect(texts([claimed!, shown, held])).toEqual([BODY, BODY, BODY]);
  expect(
    same(
      fact(() => receipt.markers[0]!),
      ...[claimed!, shown, held].map((one) => fact(() => one.marker)),
    ),
  ).toHaveLength(1);
  for (const one of [claimed!, shown, held]) expect([1n, null]).toContain(fact(() => one.epoch));

  await poster!.renew('q', claim.id, { ttl: 900 });
  expect(await last!.getClaim('q', claim.id)).toMatchObject({ ttl: 900 });
  expect(await last!.acknowledge('q', claim.id, [id!])).toEqual(['ACKNOWLEDGED']);
  expect(await claimer!.getMany('q', receipt.ids)).toHaveLength(1);
  for (const door of [poster!, claimer!, last!]) door.close();
});

test.each(settlings)('a claim by %s that %s released is lost, at %s too', async (...way) => {
  const [claimer, last, loser] = await setStage(way);
  const { ids } = await last!.post('q', [json('1')]);
  const first = (await claimer!.claim('q', { limit: 1 }))!;
  await last!.release('q', first.id);
  const second = (await loser!.claim('q', { limit: 1 }))!;
  expect([2n, null]).toContain(fact(() => second.messages[0]!.epoch));
  for (const door of [loser!, claimer!, last!]) {
    expect(await door.acknowledge('q', first.id, ids)).toEqual(['CLAIM_LOST']);
    expect(idsOf((await door.getClaim('q', second.id)).messages)).toEqual(ids);
  }
  expect(await last!.acknowledge('q', second.id, ids)).toEqual(['ACKNOWLEDGED']);
  for (const door of [loser!, claimer!, last!]) door.close();
});

test('every door lists the same messages, whoever posted them', async () => {
  const opened = await setStage(DOORS);
  const ids: string[] = [];
  for (const door of opened) ids.push(...(await door.post('q', [json(BODY)])).ids);
  for (const door of opened) {
    expect((await door.list('q')).messages).toEqual([]);
    const { messages } = await door.list('q', { echo: true, limit: 5 });
    expect(idsOf(messages)).toEqual(ids);
    expect(new Set(texts(messages))).toEqual(new Set([BODY]));
    door.close();
  }
});

const pairs = DOORS.flatMap((poster) => CLAIMERS.map((waiter) => [poster, waiter] as const));

test.each(pairs)('what %s posts wakes who waits at %s', async (...pair) => {
  const [poster, waiter] = await setStage(pair);
  const waiting = waiter!.claim('q', { wait: 20, limit: 1 });
  await new Promise((resolve) => setTimeout(resolve, 50));
  const { ids } = await poster!.post('q', [json('1')]);
  expect(idsOf((await waiting)!.messages)).toEqual(ids);
  for (const door of [poster!, waiter!]) door.close();
});

const RPC = DOORS.filter((door) => door !== 'REST');
const repeats = RPC.flatMap((first) => RPC.map((second) => [first, second] as const));

test.each(repeats)('a post by %s that is repeated by %s is stored once', async (...pair) => {
  const [first, second] = await setStage(pair);
  const key = { producer: 'p', sequence: 1n };
  const receipt = await first!.post('q', [json('1')], key);
  expect(await second!.post('q', [json('1')], key)).toEqual({ ...receipt, duplicate: true });
  expect(await second!.stats('q')).toMatchObject({ total: 1 });
  for (const door of [first!, second!]) door.close();
});
