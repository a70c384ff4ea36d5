import { EventEmitter } from 'node:events';
import type { MongoClient } from 'mongodb';
import { longestSilence, MonitorWatch } from '../../../../src/storage/drivers/mongodb/monitor-watch.js';
import { DEFAULT_TUNING } from '../../../../src/storage/drivers/mongodb/options.js';
import { ManualTime } from '../../../support/manual-time.js';

const SILENCE_MS = 4_000;

/** A client whose heartbeats the test makes. */
class Client extends EventEmitter {
  closes = 0;
  connects = 0;
  refusals = 0;

  close(): Promise<void> {
    this.closes++;
    return Promise.resolve();
  }

  connect(): Promise<this> {
    this.connects++;
    return this.connects > this.refusals ? Promise.resolve(this) : Promise.reject(new Error('away'));
  }

  beat(connectionId: string): void {
    this.emit('serverHeartbeatSucceeded', { connectionId });
  }
}

function watched() {
  const [time, client, asleep] = [new ManualTime(), new Client(), { ms: 0 }];
  const watch = new MonitorWatch(client as unknown as MongoClient, SILENCE_MS, {
    monotonic: () => time.now() + asleep.ms,
    after: time.timers.after,
  });
  return { time, client, asleep, watch };
}

test('the longest silence is that of a heartbeat, or of a connection that is made and greeted', () => {
  expect(longestSilence(DEFAULT_TUNING)).toBe(5_000);
  expect(longestSilence({ ...DEFAULT_TUNING, connectTimeoutMs: 3_000 })).toBe(7_000);
});

test('one silent monitor of several has the client connect anew, until it does', async () => {
  const { time, client } = watched();
  client.refusals = 2;
  client.beat('a');
  client.beat('b');
  for (let passed = 0; passed < 5_000; passed += 500) {
    await time.advance(500);
    client.beat('a');
  }
  await time.advance(1_000);
  expect([client.closes, client.connects]).toEqual([1, 3]);
});

test('a server that is none any more is not waited for', async () => {
  const { time, client } = watched();
  client.beat('a');
  client.emit('serverClosed', { address: 'a' });
  for (let passed = 0; passed < 10; passed++) await time.advance(1_000);
  expect(client.closes).toBe(0);
});

test('after a pause of the process monitors have their time anew', async () => {
  const { time, client, asleep } = watched();
  client.beat('a');
  await time.advance(900);
  asleep.ms = 60_000;
  await time.advance(500);
  client.beat('a');
  await time.advance(1_000);
  expect(client.closes).toBe(0);
});

test('stopped, it looks no more', async () => {
  const { time, client, watch } = watched();
  client.beat('a');
  await watch.stop();
  await time.advance(20_000);
  expect(client.closes).toBe(0);
});
