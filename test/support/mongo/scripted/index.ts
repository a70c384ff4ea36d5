import { createClient } from '../../../../src/storage/drivers/mongodb/client.js';
import { collectionsOf } from '../../../../src/storage/drivers/mongodb/collections.js';
import { Script, type Step } from '../script.js';
import { openWatched } from '../watched-storage.js';
import type { RecordedCommand } from '../recorded-command.js';
import { scriptClaims, scriptManyEnds } from './claims.js';
import { scriptKeys } from './keys.js';
import { scriptHelping, scriptPosts } from './posts.js';
import { scriptExpiry, scriptQueues } from './queues.js';
import { scriptEstimate, scriptReads } from './reads.js';
import { scriptSignals } from './signals.js';
import { scriptTransfer } from './transfer.js';

const PARTS = [
  ...[scriptPosts, scriptHelping, scriptKeys, scriptClaims, scriptManyEnds, scriptReads, scriptEstimate],
  ...[scriptQueues, scriptExpiry, scriptSignals, scriptTransfer],
];

/** What a run of every operation of the ports sent. */
export interface Run {
  readonly steps: readonly Step[];
  /** All of it, with what was sent to open the storage and to prepare the steps. */
  readonly commands: readonly RecordedCommand[];
}

/** Uses every operation of the ports on a new database of the server, each in every way that sends other commands. */
export async function runEverything(uri: string): Promise<Run> {
  const watched = await openWatched(uri);
  const { storage, monitor, database } = watched;
  const client = createClient({ uri, database, commands: monitor.listener });
  try {
    const script = new Script(watched, collectionsOf(client.db(database)));
    for (const part of PARTS) await part(script);
    return { steps: script.steps, commands: monitor.commands };
  } finally {
    await client.close();
    await storage.close();
  }
}
