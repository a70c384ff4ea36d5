import { HoldState } from '../../../../domain/life.js';
import type { Tick } from '../../../../domain/time.js';
import type { QueueCursor, WholeHold, WholeMessage, WholeQueue } from '../../../ports/index.js';
import { fitting } from '../reader/pages.js';
import type { Tables } from '../tables/index.js';
import { clientOf } from '../tables/messages.js';
import { projectKey } from '../tables/queues.js';
import type { WholeRow } from '../tables/whole.js';

/** As `Transfer.queues`: by project, the global one first, and name. */
export function wholeQueues({ whole }: Tables, after: QueueCursor | null, limit: number): readonly WholeQueue[] {
  return after ? whole.queues(projectKey(after.project), after.name, limit) : whole.queues('', '', limit);
}

/** How much of a queue is read: after a marker, at most so many messages and bytes of bodies, and always one. */
export interface WholePage {
  readonly after: number;
  readonly limit: number;
  readonly maxBytes: number;
}

/** As `Transfer.messages`. */
export function wholeMessages(tables: Tables, q: number, page: WholePage, tick: Tick): readonly WholeMessage[] {
  const rows = tables.whole.messages(q, page.after, tick, page.limit);
  return fitting(rows, page.maxBytes).map((row) => wholeMessage(tables, row, tick));
}

/** A hold that has ended needs no write: it is read as none. */
function wholeMessage(tables: Tables, row: WholeRow, tick: Tick): WholeMessage {
  const message = { ...tables.messages.withBody(row), poster: clientOf(row.poster) };
  if (row.due <= tick) return { ...message, state: HoldState.FREE, due: 0, hold: null };
  return { ...message, state: row.state, due: row.due, hold: holdOf(row) };
}

function holdOf({ state, claim, claimTtl, claimSince, k }: WholeRow): WholeHold | null {
  if (state !== HoldState.CLAIMED) return null;
  if (claimTtl === null || claimSince === null) {
    throw new Error(`The claim of the message at marker ${k} is missing: run \`marconi storage check\`.`);
  }
  return { claim, ttl: claimTtl, since: claimSince };
}
