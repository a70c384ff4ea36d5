import { Fifo } from './fifo.js';

/** Share of the commits under way that may bring work in: claims and deletions find the rest free of slow posts. */
const INTAKE_SHARE = 0.75;

/** Somebody who has a commit to make. */
export interface Committer {
  /** True when its commits bring work in. */
  readonly intake: boolean;
  /** Makes one commit; never rejects. Who has more to commit asks for another turn. */
  commit(): Promise<void>;
}

interface Ticket {
  readonly number: number;
  readonly committer: Committer;
}

/**
 * Bounds how many commits are under way at once, and gives the turns in the order in which they were asked for: one
 * commit each, so that who has much to commit does not shut out who has little. Commits that bring work in let the
 * others go first while they have their share.
 */
export class Turns {
  private readonly asked = { intake: new Fifo<Ticket>(), rest: new Fifo<Ticket>() };
  private readonly going = { intake: 0, rest: 0 };
  private readonly mostIntake: number;
  private tickets = 0;

  constructor(private readonly most: number) {
    this.mostIntake = Math.max(1, Math.floor(most * INTAKE_SHARE));
  }

  /** Commits under way. */
  get underWay(): number {
    return this.going.intake + this.going.rest;
  }

  /** Asks for one turn. */
  ask(committer: Committer): void {
    this.asked[kindOf(committer)].push({ number: this.tickets++, committer });
    this.go();
  }

  private go(): void {
    for (let next = this.next(); next; next = this.next()) void this.run(next);
  }

  private next(): Committer | undefined {
    if (this.underWay >= this.most) return undefined;
    const intake = this.going.intake < this.mostIntake ? this.asked.intake.first : undefined;
    const rest = this.asked.rest.first;
    if (intake === undefined || (rest !== undefined && rest.number < intake.number)) {
      return this.asked.rest.shift()?.committer;
    }
    return this.asked.intake.shift()?.committer;
  }

  private async run(committer: Committer): Promise<void> {
    const kind = kindOf(committer);
    this.going[kind]++;
    await committer.commit();
    this.going[kind]--;
    this.go();
  }
}

function kindOf({ intake }: Committer): 'intake' | 'rest' {
  return intake ? 'intake' : 'rest';
}
