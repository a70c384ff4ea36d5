import type {
  ClaimOperation,
  ListOperation,
  Operation,
  PostOperation,
  Recorded,
  RemoveOperation,
  Removal,
  ReleaseOperation,
  RenewOperation,
  Sighting,
  StoredOperation,
} from './operations.js';

/** A post with all its repeats. */
export interface PostFacts {
  readonly client: string;
  readonly messages: readonly MessageFacts[];
  readonly ttl: number;
  /** The first call. */
  called: number;
  /** When it was first answered; Infinity when it never was. */
  answered: number;
  /** True when every call of it was refused. */
  refused: boolean;
}

/** One taking of a message by a claim. */
export interface Taking {
  readonly claim: ClaimFacts;
  readonly epoch: number | undefined;
}

/** An attempt to remove a message. `to` is Infinity and `outcome` null when it is in doubt. */
export interface RemovalAttempt {
  readonly from: number;
  readonly to: number;
  readonly claim: string | null;
  readonly outcome: Removal | null;
}

/** All that a history says about one message. */
export interface MessageFacts {
  readonly value: string;
  readonly post: PostFacts;
  readonly index: number;
  readonly ids: Set<string>;
  marker: number | undefined;
  readonly takings: Taking[];
  readonly removals: RemovalAttempt[];
  /** The call time of the last claim or list that showed it; -Infinity when none did. */
  lastShown: number;
  /** True when it was there at the end. */
  stored: boolean;
}

/** All that a history says about one claim. Times are bounds: of when it certainly and when it possibly lived. */
export interface ClaimFacts {
  readonly id: string;
  readonly from: number;
  readonly to: number;
  readonly ttl: number;
  readonly grace: number;
  readonly renewals: Recorded<RenewOperation>[];
  readonly releases: Recorded<ReleaseOperation>[];
}

/** A page of messages as a client saw it. */
export interface PageFacts {
  readonly from: number;
  readonly to: number;
  readonly op: ClaimOperation | ListOperation | StoredOperation;
  readonly client: string;
  readonly sightings: readonly Sighting[];
}

/** A history in the order of its things: what the rules are checked on. One queue. */
export class Ledger {
  readonly messages = new Map<string, MessageFacts>();
  readonly byId = new Map<string, MessageFacts>();
  readonly posts: PostFacts[] = [];
  readonly claims = new Map<string, ClaimFacts>();
  readonly pages: PageFacts[] = [];
  readonly renewals: Recorded<RenewOperation>[] = [];
  /** Sightings of values that nobody posted. */
  readonly strangers: Sighting[] = [];
  /** When the end was listed; null when it never was. */
  ended: number | null = null;
  /** True when a claim is in doubt: it may have taken anything. */
  claimInDoubt = false;

  constructor(
    readonly queue: string,
    records: readonly Recorded[],
  ) {
    each(records, 'post', (record) => this.addPost(record));
    each(records, 'claim', (record) => this.addClaim(record));
    each(
      records,
      'list',
      (record) => record.ending.kind === 'ok' && this.addPage(record, record.ending.result.messages),
    );
    each(records, 'renew', (record) => this.addRenewal(record));
    each(records, 'release', (record) => this.claims.get(record.op.claim)?.releases.push(record));
    each(records, 'remove', (record) => this.addRemovals(record));
    each(records, 'stored', (record) => this.addEnd(record));
  }

  /** The message of a sighting, once it is known who posted it. */
  of(sighting: Sighting): MessageFacts | undefined {
    return this.messages.get(sighting.value);
  }

  private addPost(record: Recorded<PostOperation>): void {
    const post = this.messages.get(record.op.values[0] ?? '')?.post ?? this.newPost(record);
    post.called = Math.min(post.called, record.from);
    if (record.ending.kind !== 'failed') post.refused = false;
    if (record.ending.kind !== 'ok') return;
    post.answered = Math.min(post.answered, record.to);
    const { ids, markers } = record.ending.result;
    post.messages.forEach((message, index) => {
      this.learn(message, { id: ids[index] ?? '', value: message.value, ...markerOf(markers?.[index]) });
    });
  }

  private newPost({ client, op, from }: Recorded<PostOperation>): PostFacts {
    const messages: MessageFacts[] = [];
    const post = { client, messages, ttl: op.ttl, called: from, answered: Infinity, refused: true };
    op.values.forEach((value, index) => {
      const none = { ids: new Set<string>(), marker: undefined, takings: [], removals: [] };
      const message = { value, post, index, ...none, lastShown: -Infinity, stored: false };
      messages.push(message);
      this.messages.set(value, message);
    });
    this.posts.push(post);
    return post;
  }

  private addClaim({ op, from: called, to, ending, client }: Recorded<ClaimOperation>): void {
    if (ending.kind === 'unknown') this.claimInDoubt = true;
    if (ending.kind !== 'ok' || ending.result === null) return;
    const { claim: id, messages, mayBeOld = 0 } = ending.result;
    const from = Math.min(called, to - mayBeOld);
    const claim = { id, from, to, ttl: op.ttl, grace: op.grace, renewals: [], releases: [] };
    this.claims.set(id, claim);
    this.addPage({ client, op, from, to, ending }, messages);
    for (const sighting of messages) this.of(sighting)?.takings.push({ claim, epoch: sighting.epoch });
  }

  private addPage({ client, op, from, to }: Recorded<PageFacts['op']>, sightings: readonly Sighting[]): void {
    this.pages.push({ client, op, from, to, sightings });
    for (const sighting of sightings) {
      const message = this.of(sighting);
      if (!message) {
        this.strangers.push(sighting);
        continue;
      }
      this.learn(message, sighting);
      message.lastShown = Math.max(message.lastShown, from);
    }
  }

  private learn(message: MessageFacts, { id, marker }: Sighting): void {
    message.ids.add(id);
    message.marker ??= marker;
    this.byId.set(id, message);
  }

  private addRenewal(record: Recorded<RenewOperation>): void {
    this.renewals.push(record);
    this.claims.get(record.op.claim)?.renewals.push(record);
  }

  private addRemovals({ op, from, to, ending }: Recorded<RemoveOperation>): void {
    if (ending.kind === 'failed') return;
    op.ids.forEach((id, index) => {
      const outcome = ending.kind === 'ok' ? (ending.result.outcomes[index] ?? null) : null;
      this.byId.get(id)?.removals.push({ from, to, claim: op.claim, outcome });
    });
  }

  private addEnd(record: Recorded<StoredOperation>): void {
    if (record.ending.kind !== 'ok') return;
    this.ended = record.from;
    this.addPage(record, record.ending.result.messages);
    for (const sighting of record.ending.result.messages) {
      const message = this.of(sighting);
      if (message) message.stored = true;
    }
  }
}

function each<K extends Operation['kind']>(
  records: readonly Recorded[],
  kind: K,
  visit: (record: Recorded<Extract<Operation, { kind: K }>>) => unknown,
): void {
  for (const record of records) if (record.op.kind === kind) visit(record as Recorded<Extract<Operation, { kind: K }>>);
}

function markerOf(marker: number | undefined): { readonly marker?: number } {
  return marker === undefined ? {} : { marker };
}

/** The earliest moment at which the message may have been gone: by a removal, or by its age. */
export function earliestGone({ removals, post }: MessageFacts): number {
  const effective = removals.filter(({ outcome }) => outcome !== 'refused' && outcome !== 'absent');
  return Math.min(post.called + post.ttl * 1000, ...effective.map(({ from }) => from));
}

/** The moment from which the message was certainly gone by a removal; Infinity when none is certain. */
export function certainlyRemoved({ removals }: MessageFacts): number {
  const certain = removals.filter(({ outcome }) => outcome === 'removed' || outcome === 'gone');
  return Math.min(Infinity, ...certain.map(({ to }) => to));
}

/** True when the message may have come to be: its post was answered, or is in doubt and it was seen. */
export function isEffective({ answered, messages }: PostFacts): boolean {
  return answered < Infinity || messages.some(({ ids }) => ids.size > 0);
}
