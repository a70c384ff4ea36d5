import type { Document } from 'mongodb';
import type { Match, Passing } from './wire-proxy.js';

/**
 * Where a step is cut: before the database has it, when half of its statements are done, or when it is done and nobody
 * has heard of it.
 */
export type Cut = 'before' | 'half' | 'after';

/** A place in an operation at which a core may be stopped. */
export interface Point {
  readonly step: string;
  readonly cut: Cut;
  readonly match: Match;
  /** True when the operation has taken effect, whatever becomes of the core. */
  readonly committed: boolean;
}

/** A step by the command that it is. */
interface Step {
  readonly step: string;
  readonly match: Match;
  readonly cuts: readonly Cut[];
  /** True for the step whose end is the operation's commit. */
  readonly commits?: true;
}

const READ = ['after'] as const;
const ONE = ['before', 'after'] as const;
const MANY = ['before', 'half', 'after'] as const;

const is = (command: Passing, name: string, collection: string): boolean =>
  command.name === name && command.collection === collection;

/** The update of the first statement. */
const updateOf = ({ body }: Passing): Document => ((body['updates'] as Document[])[0]?.['u'] ?? {}) as Document;
const setOf = (command: Passing): Document => (updateOf(command)['$set'] ?? {}) as Document;
const has = (document: unknown, field: string): boolean => field in ((document ?? {}) as Document);

const inserts =
  (collection: string): Match =>
  (command) =>
    is(command, 'insert', collection);

const updates =
  (collection: string, test: (command: Passing) => boolean): Match =>
  (command) =>
    is(command, 'update', collection) && test(command);

const finds =
  (collection: string, test: (filter: Document, body: Document) => boolean): Match =>
  (command) =>
    is(command, 'find', collection) && test(command.body['filter'] as Document, command.body);

/** Deletions of the messages of an acknowledgement name the epoch, those of freeing do not. */
const acknowledges: Match = (command) =>
  is(command, 'delete', 'messages') && has((command.body['deletes'] as Document[])[0]?.['q'], 'ep');

const POST: readonly Step[] = [
  { step: 'taking the key', match: inserts('posts'), cuts: ONE },
  { step: 'staging (S1)', match: inserts('messages'), cuts: MANY },
  { step: 'the push (S2)', match: (command) => is(command, 'findAndModify', 'heads'), cuts: ONE, commits: true },
  { step: 'deciding the key', match: updates('posts', (command) => has(setOf(command), 'first')), cuts: ONE },
  { step: 'placing (S3)', match: updates('messages', (command) => has(setOf(command), 'k')), cuts: MANY },
  { step: 'tidying (S4)', match: updates('heads', (command) => has(updateOf(command), '$pullAll')), cuts: ONE },
];

const CLAIM: readonly Step[] = [
  { step: 'reading candidates', match: finds('messages', ({ due }) => has(due, '$in')), cuts: READ },
  { step: 'claiming', match: updates('messages', (command) => has(updateOf(command), '$inc')), cuts: MANY },
  { step: 'reading back', match: finds('messages', (filter) => has(filter, 'cl') && !has(filter, 'due')), cuts: ONE },
];

const ACKNOWLEDGE: readonly Step[] = [
  { step: 'reading what to acknowledge', match: finds('messages', (filter) => has(filter, '_id')), cuts: READ },
  { step: 'deleting', match: acknowledges, cuts: MANY },
];

const RENEW: readonly Step[] = [
  { step: 'reading what to renew', match: finds('messages', (filter) => has(filter, 'cl')), cuts: READ },
  { step: 'renewing', match: updates('messages', (command) => has(setOf(command), 'ct')), cuts: MANY },
];

const DELETE: readonly Step[] = [
  { step: 'reading the name', match: finds('queues', () => true), cuts: READ },
  { step: 'the fence', match: updates('heads', (command) => has(setOf(command), 'gone')), cuts: ONE, commits: true },
  { step: 'taking the name away', match: (command) => is(command, 'delete', 'queues'), cuts: ONE },
];

const FREE: readonly Step[] = [
  {
    step: 'reading what to free',
    match: finds('messages', (filter) => Object.keys(filter).join() === 'uid'),
    cuts: READ,
  },
  {
    step: 'freeing',
    match: (command) => is(command, 'delete', 'messages') && !acknowledges(command) && hasUid(command),
    cuts: ONE,
  },
  { step: 'noting that all is free', match: updates('heads', (command) => has(setOf(command), 'forget')), cuts: ONE },
];

function hasUid({ body }: Passing): boolean {
  return has((body['deletes'] as Document[])[0]?.['q'], 'uid');
}

function pointsOf(steps: readonly Step[]): readonly Point[] {
  const commit = steps.findIndex(({ commits }) => commits);
  return steps.flatMap(({ step, match, cuts }, at) =>
    cuts.map((cut) => {
      const committed = commit !== -1 && (at > commit || (at === commit && cut === 'after'));
      return { step, cut, match, committed };
    }),
  );
}

/** Every point of each operation. */
export const POINTS = {
  post: pointsOf(POST),
  claim: pointsOf(CLAIM),
  acknowledge: pointsOf(ACKNOWLEDGE),
  renew: pointsOf(RENEW),
  delete: pointsOf(DELETE),
  free: pointsOf(FREE),
} as const;

/** The operations that have points. */
export type Stoppable = keyof typeof POINTS;

/** For people. */
export function nameOf({ step, cut }: Point): string {
  return cut === 'half' ? `half way through ${step}` : `${cut} ${step}`;
}
