import { setTimeout as sleep } from 'node:timers/promises';
import type { Document } from 'mongodb';
import type { Rule } from '../history/violation.js';
import { POINTS } from './points.js';
import type { Match, Stop } from './wire-proxy.js';

/** A bug of a database, or of a core that sends it the wrong commands, and what the history's checker must call it. */
export interface WirePlant {
  readonly bug: string;
  readonly rule: Rule;
  /** What a proxy does to a core's commands to make it. */
  readonly stop: Stop;
  /** True when it shows only while no worker of another core makes up for it. */
  readonly alone?: true;
}

/** Milliseconds that a claim is held up, so that others come in between. */
const LATE_MS = 30;

const stepOf = (points: readonly { readonly step: string; readonly match: Match }[], step: string): Match =>
  points.find((point) => point.step === step)!.match;

/** What a reader sends that follows its marker. */
const lists: Match = ({ name, collection, body }) => {
  const { k } = (body['filter'] ?? {}) as Document;
  return name === 'find' && collection === 'messages' && Number((k as Document | undefined)?.['$gt']) > 0;
};

const everyNth = (n: number, match: Match): Match => {
  let calls = 0;
  return (command) => match(command) && ++calls % n === 0;
};

const listsFrom = (step: number) => (command: Document) => {
  const filter = command['filter'] as Document;
  const after = Number((filter['k'] as Document)['$gt']);
  return { ...command, filter: { ...filter, k: { $gt: after + step } } };
};

function forgetsConditions(command: Document): Document {
  const list = 'deletes' in command ? 'deletes' : 'updates';
  const statements = (command[list] as Document[]).map((statement) => {
    const { _id, uid } = statement['q'] as Document;
    return { ...statement, q: { _id, uid } };
  });
  return { ...command, [list]: statements };
}

const losesTheLast = (command: Document): Document => ({
  ...command,
  documents: (command['documents'] as Document[]).slice(0, -1),
});

const newestTwo = (command: Document): Document => ({ ...command, sort: { k: -1 }, limit: 2 });

const before = (match: Match, act: Stop['act']): Stop => ({ match, moment: 'before', act });

/** One for each promise that bar 2 names. */
export const WIRE_PLANTS: readonly WirePlant[] = [
  {
    bug: 'loses a message of a post',
    rule: 'lost',
    stop: before(everyNth(5, stepOf(POINTS.post, 'staging (S1)')), () => losesTheLast),
  },
  {
    bug: 'claims whatever became of the message meanwhile',
    rule: 'double claim',
    stop: before(stepOf(POINTS.claim, 'claiming'), () => sleep(LATE_MS, forgetsConditions)),
  },
  {
    bug: 'places whatever became of the message meanwhile',
    rule: 'double claim',
    stop: before(stepOf(POINTS.post, 'placing (S3)'), () => forgetsConditions),
  },
  {
    bug: 'claims the newest messages first',
    rule: 'fifo',
    stop: before(stepOf(POINTS.claim, 'reading candidates'), () => newestTwo),
    alone: true,
  },
  {
    bug: 'begins a page one message late',
    rule: 'missed',
    stop: before(everyNth(3, lists), () => listsFrom(1)),
  },
  {
    bug: 'begins a page one message early',
    rule: 'repeated',
    stop: before(everyNth(3, lists), () => listsFrom(-1)),
  },
];

/** One that shows only when a core comes late. */
export const ACKNOWLEDGES_BLINDLY: WirePlant = {
  bug: 'acknowledges whatever became of the message meanwhile',
  rule: 'stale accepted',
  stop: before(stepOf(POINTS.acknowledge, 'deleting'), () => forgetsConditions),
};
