import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import type { CommandFailedEvent, CommandStartedEvent, CommandSucceededEvent } from 'mongodb';
import type { CommandListener } from '../../../src/storage/drivers/mongodb/index.js';
import type { RecordedCommand } from './recorded-command.js';
import { roundTrips } from './round-trips.js';

/** Turns of the event loop without a command in flight after which no more is to come of what was begun. */
const QUIET_TURNS = 10;

/** An operation and what it cost. */
export interface Recording<T> {
  readonly result: T;
  /** All that was sent for it, also after its answer. */
  readonly commands: readonly RecordedCommand[];
  /** Commands that had their answer before the operation had. */
  readonly waitedFor: readonly RecordedCommand[];
  /** Answers that the operation waited for one after another. */
  readonly roundTrips: number;
}

/**
 * Records the commands of a client in the order of their beginnings and ends, from the events of the MongoDB driver,
 * which hold each command as it is put on the wire (`command-monitor.test.ts` compares the two). Heartbeats and
 * handshakes are no commands of the client, and `hello` is the clock's, for which no operation waits.
 */
export class CommandMonitor {
  readonly commands: RecordedCommand[] = [];
  private readonly inFlight = new Map<number, RecordedCommand>();
  private events = 0;

  /** To be given to `openMongo`, or to `follow`ed clients' events. */
  readonly listener: Required<CommandListener> = {
    started: (event) => this.started(event),
    succeeded: (event) => this.ended(event),
    failed: (event) => this.ended(event),
  };

  /** Runs one operation alone and gives what it sent, once what it left to be done in the background is done too. */
  async during<T>(operation: () => Promise<T>): Promise<Recording<T>> {
    await this.quiet();
    const from = this.commands.length;
    const result = await operation();
    const answered = ++this.events;
    await this.quiet();
    const commands = this.commands.slice(from);
    const waitedFor = commands.filter(({ ended }) => ended < answered);
    return { result, commands, waitedFor, roundTrips: roundTrips(waitedFor) };
  }

  /** Resolves when nothing is in flight and nothing follows. */
  async quiet(): Promise<void> {
    for (let turns = 0; turns < QUIET_TURNS; turns++) {
      await turn();
      if (this.inFlight.size === 0) continue;
      await sleep(1);
      turns = 0;
    }
  }

  private started({ commandName: name, command: body, requestId }: CommandStartedEvent): void {
    if (name === 'hello') return;
    const target: unknown = name === 'getMore' ? body['collection'] : body[name];
    const collection = typeof target === 'string' ? target : null;
    const command = { name, collection, body, begun: ++this.events, ended: Number.POSITIVE_INFINITY };
    this.commands.push(command);
    this.inFlight.set(requestId, command);
  }

  private ended({ requestId }: CommandSucceededEvent | CommandFailedEvent): void {
    const command = this.inFlight.get(requestId);
    if (command === undefined) return;
    command.ended = ++this.events;
    this.inFlight.delete(requestId);
  }
}
