import { resolve } from 'node:path';
import type { Storage } from '../../ports/index.js';
import { realBinding } from './binding.js';
import { storeClock } from './clock.js';
import { SqliteControlStore } from './control-store.js';
import { takeOwnership } from './files/lock.js';
import type { Keeper } from './keeper/keeper.js';
import { SqliteMessageStore } from './message-store.js';
import type { FileOptions, SqliteOptions } from './options.js';
import type { Reader } from './reader/reader.js';
import { createFile } from './schema/open-file.js';
import { Alarm } from './recovery/alarm.js';
import { Anchor } from './recovery/anchor.js';
import { Recovery, type Lanes } from './recovery/recovery.js';
import { SqliteStorage } from './storage.js';
import { InlineLane } from './thread/inline-lane.js';
import type { Lane } from './thread/lane.js';
import type { Role } from './thread/services.js';
import { SharedLane } from './thread/shared-lane.js';
import { ThreadLane } from './thread/thread-lane.js';
import { SqliteTransfer } from './transfer/transfer.js';
import type { Writer } from './writer/writer.js';

/**
 * Opens the embedded storage: one file, one writer, readers beside it, none of them on the event loop.
 * Rejects with STORAGE_UNAVAILABLE and a text that says what to do when the database is served by another process,
 * foreign, newer, damaged, or cannot be written.
 */
export async function openSqlite(options: SqliteOptions): Promise<Storage> {
  const { synchronous, reserveBytes, ballastBytes, observer } = options;
  const alarm = Alarm.memory();
  const file: FileOptions = { path: resolve(options.path), synchronous, reserveBytes, ballastBytes, alarm };
  createFile(file.path);
  const ownership = takeOwnership(realBinding.openDb, file.path);
  try {
    const lanes = await openLanes(file, options);
    const clock = storeClock(await lanes.reader.call('ping'));
    const control = new SqliteControlStore(lanes.writer, lanes.reader);
    const messages = new SqliteMessageStore(lanes.writer, lanes.reader, observer);
    const durability = synchronous === 'full' ? 'fsync' : 'relaxed';
    const anchor = new Anchor(realBinding.openDb, file.path);
    anchor.hold();
    const recovery = new Recovery(lanes, new Alarm(alarm), anchor, realBinding.monotonic);
    const transfer = new SqliteTransfer(lanes.writer, lanes.reader, clock);
    return new SqliteStorage(durability, clock, control, messages, transfer, lanes, recovery, ownership);
  } catch (error) {
    ownership.release();
    throw error;
  }
}

/** The writer first: it makes and recovers what the others read. When one cannot open, those that are open end. */
async function openLanes(file: FileOptions, { execution, readers = 1 }: SqliteOptions): Promise<Lanes> {
  const opened: Lane<object>[] = [];
  const open = async <T extends object>(role: Role): Promise<Lane<T>> => {
    const lane = execution === 'inline' ? new InlineLane<T>(role, file) : await ThreadLane.open<T>(role, file);
    opened.push(lane);
    return lane;
  };
  try {
    const writer = await open<Writer>('writer');
    const reader = new SharedLane(await Promise.all(Array.from({ length: readers }, () => open<Reader>('reader'))));
    return { writer, reader, keeper: await open<Keeper>('keeper') };
  } catch (error) {
    await Promise.all(opened.map((lane) => lane.close()));
    throw error;
  }
}
