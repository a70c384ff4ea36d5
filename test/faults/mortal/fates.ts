import type { Operation, Recorded, Sighting } from '../../support/history/index.js';

type Of<K extends Operation['kind']> = Recorded<Extract<Operation, { kind: K }>>;

interface Post {
  readonly client: string;
  readonly values: readonly string[];
  answered: boolean;
  doubted: boolean;
}

/** What became of the messages of one queue's history, counted without the rules of the checker. */
export class Fates {
  private readonly posts = new Map<string, Post>();
  /** Ids that values were shown with. */
  private readonly ids = new Map<string, Set<string>>();
  private readonly stored = new Set<string>();
  /** Ids that were removed, and those of which it was tried. */
  private readonly removed = new Set<string>();
  private readonly tried = new Set<string>();

  constructor(records: readonly Recorded[]) {
    for (const record of records) {
      if (record.op.kind === 'post') this.notePost(record as Of<'post'>);
      else if (record.op.kind === 'remove') this.noteRemoval(record as Of<'remove'>);
      else this.notePage(record);
    }
  }

  /** Values whose post was answered. */
  get acknowledged(): readonly string[] {
    return this.where(({ answered }) => answered).flatMap(({ values }) => values);
  }

  /** How the acknowledged ones ended: each is counted once. */
  count(): { removed: number; perhapsRemoved: number; left: number; lost: readonly string[] } {
    const { removed, tried, stored } = this;
    const kept = this.acknowledged.filter((value) => !this.isIn(removed, value));
    const gone = kept.filter((value) => !stored.has(value));
    const lost = gone.filter((value) => !this.isIn(tried, value));
    return {
      removed: this.acknowledged.length - kept.length,
      perhapsRemoved: gone.length - lost.length,
      left: kept.length - gone.length,
      lost,
    };
  }

  /** Values that were stored more than once. */
  get repeated(): readonly string[] {
    return [...this.ids].filter(([, own]) => own.size > 1).map(([value]) => value);
  }

  /** Posts that never were answered, however often they were repeated. */
  get unresolved(): readonly string[] {
    return this.where(({ answered }) => !answered).map(({ values }) => values.join());
  }

  /** Who posted what had been in doubt and was answered at last, a name for each post. */
  get resolved(): readonly string[] {
    return this.where(({ answered, doubted }) => answered && doubted).map(({ client }) => client);
  }

  private where(condition: (post: Post) => boolean): Post[] {
    return [...this.posts.values()].filter(condition);
  }

  private isIn(ids: ReadonlySet<string>, value: string): boolean {
    return [...(this.ids.get(value) ?? [])].some((id) => ids.has(id));
  }

  private notePost({ client, op: { values }, ending }: Of<'post'>): void {
    const name = values.join();
    const post = this.posts.get(name) ?? { client, values, answered: false, doubted: false };
    this.posts.set(name, post);
    if (ending.kind === 'unknown') post.doubted = true;
    if (ending.kind !== 'ok') return;
    post.answered = true;
    values.forEach((value, index) => this.show({ id: ending.result.ids[index] ?? '', value }));
  }

  private noteRemoval({ op, ending }: Of<'remove'>): void {
    op.ids.forEach((id, index) => {
      const outcome = ending.kind === 'ok' ? ending.result.outcomes[index] : null;
      if (outcome === 'removed' || outcome === 'gone') this.removed.add(id);
      else if (ending.kind === 'unknown') this.tried.add(id);
    });
  }

  private notePage({ op, ending }: Recorded): void {
    if (ending.kind !== 'ok' || ending.result === null || !('messages' in ending.result)) return;
    for (const sighting of ending.result.messages) {
      this.show(sighting);
      if (op.kind === 'stored') this.stored.add(sighting.value);
    }
  }

  private show({ id, value }: Sighting): void {
    const own = this.ids.get(value);
    if (own) own.add(id);
    else this.ids.set(value, new Set([id]));
  }
}
