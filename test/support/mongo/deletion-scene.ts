import { inspect } from 'node:util';
import { call, connect, type Connection } from '../grpc-client.js';
import { holdAt, type HeldPoint, type Release } from './held-point.js';
import { idsOf, leaveBehind, looksBack, type Remains } from './old-incarnation.js';
import { nameOf, type Point } from './points.js';
import { inTime, type Fault } from './stopping.js';
import { OTHERS, WATCHED, type World } from './world.js';

const OLD_MESSAGES = 6;
const NEW_MESSAGES = 2;

/** What was seen that must not be. */
export type Complaint = string;

/** A queue that a core is stopped in deleting, while another core makes it anew and a third one uses it. */
export class DeletionScene {
  readonly complaints: Complaint[] = [];
  /** Milliseconds that the slowest call of the others took. */
  slowest = 0;
  /** The incarnation that is deleted. */
  uid = '';
  private readonly others: readonly [Connection, Connection];
  private old: Remains = { ids: [], claim: '' };
  private held: HeldPoint | null = null;
  private call: Promise<unknown> = Promise.resolve();
  /** The messages that are to be there. */
  private expected: readonly string[] = [];

  constructor(
    private readonly world: World,
    readonly point: Point,
    readonly name: string,
    private readonly turn: number,
  ) {
    this.others = OTHERS.map((at) => this.connected(at)) as [Connection, Connection];
  }

  /** Makes the queue, with messages and a claim in it; all cores know it. */
  async prepare(): Promise<void> {
    const [one, two] = this.others;
    await call(one.queues, 'createQueue', { queue: this.name });
    this.old = await leaveBehind(one, this.name, OLD_MESSAGES);
    this.uid = (await this.world.uidOf(this.name)) ?? '';
    this.expected = this.old.ids;
    for (const core of [one, two]) await this.shows(core, 'before');
  }

  /** Begins the deletion; resolves when the core is held at the point. */
  async begin(): Promise<void> {
    const core = this.connected(WATCHED);
    await idsOf(core, this.name);
    this.held = holdAt(this.world.proxy, this.point, [this.name, this.uid]);
    this.call = call(core.queues, 'deleteQueue', { queue: this.name }, { timeoutMs: 60_000 })
      .catch(() => undefined)
      .finally(() => core.close());
    await inTime(nameOf(this.point), this.held.reached);
  }

  /** Deletes it through another core, so that there is something to free. */
  async delete(): Promise<void> {
    await call(this.others[0].queues, 'deleteQueue', { queue: this.name });
  }

  release(how: Release): void {
    this.held?.release(how);
  }

  /** The others go on: where the deletion has taken effect they make the queue anew, else they find all of it there. */
  async goOn(): Promise<void> {
    const [one] = this.others;
    if (this.point.committed) return this.makeAnew();
    await this.shows(one, 'meanwhile');
    const { ids } = await this.timed(leaveBehind(one, this.name, 1));
    this.expected = [...this.expected, ...ids];
  }

  /** The core runs again: what it does late changes nothing that came after it. */
  async finish({ how }: Fault): Promise<void> {
    await this.call;
    const { committed, cut } = this.point;
    const late = how === 'paused' || (how !== 'killed' && cut === 'before');
    if (!committed && late) await this.makeAnew();
    const watched = this.connected(WATCHED);
    for (const core of [...this.others, watched]) await this.shows(core, 'at the end');
    for (const core of [...this.others, watched]) core.close();
  }

  /** Makes it anew through one core and uses it through the other one. */
  private async makeAnew(): Promise<void> {
    const [one, two] = this.others;
    const { created } = await this.timed(call(two.queues, 'createQueue', { queue: this.name }));
    if (!created) this.complaints.push('the name was not free');
    for (const [way, shown] of await this.timed(looksBack(one, this.name, this.old, this.turn))) {
      this.complaints.push(`${way} shows something old: ${inspect(shown)}`);
    }
    this.expected = (await this.timed(leaveBehind(one, this.name, NEW_MESSAGES))).ids;
    await this.shows(two, 'made anew');
  }

  private async shows(core: Connection, when: string): Promise<void> {
    const shown = await this.timed(idsOf(core, this.name));
    if (String(shown) === String(this.expected)) return;
    this.complaints.push(`${when}: ${JSON.stringify(shown)} instead of ${JSON.stringify(this.expected)}`);
  }

  private connected(at: number): Connection {
    return connect(this.world.cores.core(at).node.grpcAddress);
  }

  private async timed<T>(answer: Promise<T>): Promise<T> {
    const began = performance.now();
    return answer.finally(() => (this.slowest = Math.max(this.slowest, performance.now() - began)));
  }
}
