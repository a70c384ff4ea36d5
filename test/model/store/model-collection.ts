import type {
  BulkResult,
  DocCollection,
  Filter,
  FindOptions,
  Statement,
  Update,
} from '../../../src/storage/drivers/mongodb/collection.js';
import * as actions from './actions.js';
import type { Database, Name } from './database.js';
import { compare, canonical, type Doc } from './values.js';
import { updated } from './update.js';

/** A command as it is handed to the server. */
export interface Command<R = unknown> {
  readonly collection: Name;
  readonly method: keyof DocCollection<unknown>;
  readonly what: readonly unknown[];
  readonly action: actions.Action<R>;
  /** True when it may change something, so that it may still do so after its caller has given up. */
  readonly writes: boolean;
}

/** How closely a server is followed. */
export interface Manner {
  /** Reads along an index let others in between. */
  readonly yields: boolean;
  /** Placing what is placed already is no step of its own: right while no insertion comes late. */
  readonly skips: boolean;
}

/** Where commands go. */
export type Submit = <R>(command: Command<R>) => Promise<R>;

/** A collection of the model: each command is handed over, and done step by step when its turn comes. */
export class ModelCollection<T extends { _id: string }> implements DocCollection<T> {
  constructor(
    private readonly db: Database,
    private readonly name: Name,
    private readonly submit: Submit,
    private readonly manner: Manner,
  ) {}

  insertAll(docs: readonly T[]): Promise<ReadonlySet<number>> {
    if (docs.length === 0) return Promise.resolve(new Set());
    return this.write('insertAll', [docs], actions.inserting(this.db, this.name, docs));
  }

  findOne(filter: Filter): Promise<T | null> {
    const find = (): Doc | null => actions.findFirst(this.db, this.name, filter) ?? null;
    return this.read(
      'findOne',
      [filter],
      actions.atOnce(one(filter, false), find) as unknown as actions.Action<T | null>,
    );
  }

  find(filter: Filter, options: FindOptions): Promise<T[]> {
    const read = this.manner.yields && options.sort !== undefined ? actions.scanning : actions.reading;
    const action = read(this.db, this.name, filter, options);
    return this.read('find', [filter, options], action as unknown as actions.Action<T[]>);
  }

  findOneAndUpdate(filter: Filter, update: Update): Promise<T | null> {
    const action = actions.atOnce(one(filter, true), () => {
      const before = actions.findFirst(this.db, this.name, filter);
      if (before === undefined) return null;
      const after = updated(before, update, false);
      this.db.replace(this.name, before, after);
      return after as unknown as T;
    });
    return this.write('findOneAndUpdate', [filter, update], action);
  }

  updateOne(filter: Filter, update: Update, { upsert } = { upsert: false }): Promise<'found' | 'made' | 'none'> {
    const run = () => actions.updateOne(this.db, this.name, filter, update, upsert);
    const action = actions.atOnce(one(filter, true), run);
    return this.write('updateOne', [filter, update], action);
  }

  bulk(statements: readonly Statement[], { ordered }: { readonly ordered: boolean }): Promise<BulkResult> {
    if (statements.length === 0) return Promise.resolve({ matched: 0, deleted: 0 });
    const { skips } = this.manner;
    return this.write('bulk', [statements], actions.writing(this.db, this.name, statements, { ordered, skips }));
  }

  deleteAll(filter: Filter): Promise<number> {
    return this.write('deleteAll', [filter], actions.deleting(this.db, this.name, filter));
  }

  distinct(field: string, filter: Filter): Promise<unknown[]> {
    const action = actions.atOnce({ writes: false }, () => [...this.values(field, filter).keys()].sort(compare));
    return this.read('distinct', [field, filter], action);
  }

  countBy(field: string, filter: Filter, limit: number): Promise<ReadonlyMap<unknown, number>> {
    const action = actions.atOnce({ writes: false }, () => this.values(field, filter, limit));
    return this.read('countBy', [field, filter, limit], action);
  }

  private values(field: string, filter: Filter, limit = Number.POSITIVE_INFINITY): Map<unknown, number> {
    const counts = new Map<unknown, number>();
    for (const doc of actions.findAll(this.db, this.name, filter).slice(0, limit)) {
      counts.set(doc[field], (counts.get(doc[field]) ?? 0) + 1);
    }
    return counts;
  }

  private read<R>(method: Command['method'], what: readonly unknown[], action: actions.Action<R>): Promise<R> {
    return this.submit({ collection: this.name, method, what, action, writes: false });
  }

  private write<R>(method: Command['method'], what: readonly unknown[], action: actions.Action<R>): Promise<R> {
    return this.submit({ collection: this.name, method, what, action, writes: true });
  }
}

/** The one document that a filter is about, if it names one. */
function one({ _id }: Filter, writes: boolean): actions.Access {
  return { writes, id: typeof _id === 'string' ? _id : undefined };
}

const texts = new WeakMap<readonly unknown[], string>();

/** A command in one line. */
export function describe({ collection, method, what }: Pick<Command, 'collection' | 'method' | 'what'>): string {
  let text = texts.get(what);
  if (text === undefined) texts.set(what, (text = `${collection}.${method}(${what.map(canonical).join(', ')})`));
  return text;
}
