import { BSON, type Document } from 'mongodb';
import { Kit } from '../../src/conformance/kit.js';
import type { MongoServer } from '../support/mongo/mongo-process.js';
import { startMongoJavaServer } from '../support/mongo/mongo-java-server.js';
import { roundTrips } from '../support/mongo/round-trips.js';
import { openWatched } from '../support/mongo/watched-storage.js';
import { WireProxy, type Passing } from '../support/mongo/wire-proxy.js';

describe('sequential round trips', () => {
  const command = (begun: number, ended: number) => ({ begun, ended });

  test.each([
    ['none', [], 0],
    ['one', [command(1, 2)], 1],
    ['side by side', [command(1, 3), command(2, 4)], 1],
    ['one after another', [command(1, 2), command(3, 4), command(5, 6)], 3],
    ['a long one beside two short ones', [command(1, 6), command(2, 3), command(4, 5)], 2],
    ['two after the longer of two', [command(1, 4), command(2, 3), command(5, 6), command(7, 8)], 3],
    ['told in another order', [command(5, 6), command(1, 2), command(3, 4)], 3],
  ])('%s', (_name, commands, expected) => {
    expect(roundTrips(commands)).toBe(expected);
  });
});

describe('the command monitor', () => {
  let server: MongoServer;
  let proxy: WireProxy;
  const sent: Document[] = [];

  beforeAll(async () => {
    server = await startMongoJavaServer({ backend: 'memory' });
    proxy = await WireProxy.open(Number(new URL(server.uri).port));
    const keep = ({ body }: Passing): 'pass' => {
      sent.push(body);
      return 'pass';
    };
    proxy.always({ match: ({ name }) => name !== 'hello', moment: 'before', act: keep });
  });

  afterAll(async () => {
    await proxy.close();
    await server.stop();
  });

  it('records every command that is on the wire, as it is there', async () => {
    const { storage, monitor } = await openWatched(proxy.uri);
    const queue = await new Kit(storage, false).queue();
    await Promise.all([queue.post(3), queue.post(1), queue.list(), queue.stats()]);
    await queue.acknowledge((await queue.claim()).id, await queue.ids({ includeClaimed: true }));
    await storage.control.createQueue(null, 'q', queue.ref, 0);
    await storage.messages.sweep(queue.kit.now + 300_000, 100);
    await storage.close();

    expect(inOrder(monitor.commands.map(({ body }) => body))).toEqual(inOrder(sent));
    expect(sent.length).toBeGreaterThan(30);
  });
});

/** The commands in an order that does not depend on the connection that each was sent over, nor on that of its parts. */
function inOrder(commands: readonly Document[]): readonly string[] {
  const texts = commands.map((command) => {
    const parts = Object.entries(BSON.deserialize(BSON.serialize(command))).sort(([a], [b]) => (a < b ? -1 : 1));
    return BSON.EJSON.stringify(parts);
  });
  return texts.sort();
}
