import { parseMessageId } from '../../../../domain/message-id.js';
import { currentTick, type Millis, type Tick } from '../../../../domain/time.js';
import type { MessagePageQuery, MessagesById, StoredMessage } from '../../../ports/index.js';
import { NEVER } from '../schema/ddl.js';
import { BlockSearch } from '../tables/block-search.js';
import { FAN_OUT } from '../tables/blocks.js';
import type { Tables } from '../tables/index.js';
import { NO_ONE, posterBytes, type MessageRow, type OpenFilter } from '../tables/messages.js';
import { formatMessageId } from '../../../../domain/message-id.js';

/** Blocks in which nothing was found, after which a page that has something ends early (P6). */
const FRUITLESS_BLOCKS = 256;

/** The messages of a page, oldest first (semantics section 7). */
export function pageOf(tables: Tables, q: number, query: MessagePageQuery): readonly StoredMessage[] {
  const after = markerBefore(tables, q, query);
  if (after === null) return [];
  const tick = currentTick(query.now);
  const without = query.without === null ? NO_ONE : posterBytes(query.without);
  const filter = { tick, dueBy: query.includeClaimed ? NEVER : tick, without };
  return fitting(openAfter(tables, q, after, filter, query.limit), query.maxBytes).map((row) =>
    tables.messages.withBody(row),
  );
}

/** Looks from block to block; the search skips those that hold nothing of the kind. */
function openAfter(tables: Tables, q: number, after: number, filter: OpenFilter, limit: number): MessageRow[] {
  const search = new BlockSearch(tables.blocks, q, { kind: 'open', filter });
  const rows: MessageRow[] = [];
  let from = Math.floor((after + 1) / FAN_OUT);
  let fruitless = 0;
  while (rows.length < limit && (rows.length === 0 || fruitless < FRUITLESS_BLOCKS)) {
    const block = search.next(from);
    if (block === null) break;
    const lo = Math.max(after + 1, block * FAN_OUT);
    const found = tables.messages.open(q, lo, block * FAN_OUT + FAN_OUT - 1, filter, limit - rows.length);
    fruitless = found.length === 0 ? fruitless + 1 : 0;
    rows.push(...found);
    from = block + 1;
  }
  return rows;
}

function markerBefore(tables: Tables, q: number, { position, now }: MessagePageQuery): number | null {
  if (position.kind === 'after') return position.marker;
  if (position.kind === 'nowhere') return null;
  return visibleRow(tables, q, position.id, currentTick(now))?.k ?? null;
}

/** The row of an id, unless its life is over. */
export function visibleRow(tables: Tables, q: number, id: string, tick: Tick): MessageRow | null {
  const parts = parseMessageId(id);
  const row = parts && tables.messages.withId(q, parts.batch, parts.index);
  return row && row.expires > tick ? row : null;
}

/** As many of the rows as fit, one in any case. */
export function fitting<Row extends MessageRow>(rows: readonly Row[], maxBytes: number): readonly Row[] {
  let bytes = 0;
  const end = rows.findIndex(({ size }, index) => (bytes += size) > maxBytes && index > 0);
  return end < 0 ? rows : rows.slice(0, end);
}

/** The messages of the rows that fit, and the ids of the others. */
export function shown(
  tables: Tables,
  rows: readonly MessageRow[],
  maxBytes: number,
): Pick<MessagesById, 'messages' | 'omitted'> {
  const fit = fitting(rows, maxBytes);
  return {
    messages: fit.map((row) => tables.messages.withBody(row)),
    omitted: rows.slice(fit.length).map(({ batch, idx }) => formatMessageId(batch, idx)),
  };
}

/** The first and the last visible message (semantics section 8). */
export function ends(tables: Tables, q: number, next: number, now: Millis): readonly (MessageRow | undefined)[] {
  const filter = { tick: currentTick(now), dueBy: NEVER, without: NO_ONE };
  const search = new BlockSearch(tables.blocks, q, { kind: 'open', filter });
  const first = search.next(0);
  const last = first === null ? null : search.previous(Math.floor(next / FAN_OUT));
  if (first === null || last === null) return [];
  const oldest = tables.messages.open(q, first * FAN_OUT, first * FAN_OUT + FAN_OUT - 1, filter, 1)[0];
  return [oldest, tables.messages.newest(q, last * FAN_OUT, last * FAN_OUT + FAN_OUT - 1, filter)];
}
