import type { Stages } from './area.js';
import { factsOf, type Facts } from './facts.js';
import type { StorageFactory, StorageUnderTest } from './factory.js';
import { Kit } from './kit.js';
import type { PlannedCase, Round } from './plan.js';
import { Overdue, within } from './within.js';
import { Workshop } from './workshop.js';

/** After so many cases that never ended the rest is not tried: a dead driver shall not take hours to be called so. */
const MOST_HUNG = 5;

/** What became of a case that did not fail. */
export type CaseEnd = 'passed' | 'notApplicable';

/** A storage that the cases of a round share. */
interface Shared {
  readonly made: StorageUnderTest;
  readonly kit: Kit;
}

/** Runs cases on storages of one driver, each in bounded time. */
export class Bench {
  private readonly shared = new Map<Round, Promise<Shared>>();
  private facts: Promise<Facts> | null = null;
  private hung = 0;

  /**
   * @param caseMs how long one case may take
   * @param apart no case shares a storage with another
   */
  constructor(
    private readonly factory: StorageFactory,
    private readonly caseMs: number,
    private readonly apart = false,
  ) {}

  /** What the driver says of itself, read from a storage made for that. */
  readFacts(): Promise<Facts> {
    return (this.facts ??= within(this.caseMs, 'making a storage', this.lookAtOne()));
  }

  /** Runs the case; rejects when it fails or takes too long. */
  async run(planned: PlannedCase): Promise<CaseEnd> {
    if (this.hung >= MOST_HUNG) throw new Error(`not run: ${this.hung} cases before it never ended`);
    const { need } = planned.area;
    if (need !== null && !need.met(await this.readFacts())) return 'notApplicable';
    try {
      await this.runBounded(planned);
    } catch (failure) {
      if (failure instanceof Overdue) this.giveUp(planned.round);
      throw failure;
    }
    return 'passed';
  }

  /** Disposes of the storages that the rounds shared; rejects when one does not go. */
  async end(): Promise<void> {
    const shared = [...this.shared.values()];
    this.shared.clear();
    for (const one of shared) await within(this.caseMs, 'disposing of a storage', disposeOf(one));
  }

  private async runBounded(planned: PlannedCase): Promise<void> {
    const workshop = new Workshop(this.factory);
    try {
      await within(this.caseMs, 'the case', planned.run(this.stagesOf(planned, workshop)));
    } finally {
      await within(this.caseMs, 'disposing of the storages of the case', workshop.dispose());
    }
  }

  private async lookAtOne(): Promise<Facts> {
    const made = await this.factory.create();
    const facts = factsOf(made);
    await made.dispose();
    return facts;
  }

  private stagesOf({ round }: PlannedCase, workshop: Workshop): Stages {
    const kit = async () => {
      if (round === null) throw new Error('This case makes its own storages.');
      if (this.apart) return new Kit((await workshop.create()).storage, round.swept);
      const shared = this.shared.get(round) ?? this.share(round);
      this.shared.set(round, shared);
      const { kit } = await shared;
      kit.toWholeSecond();
      return kit;
    };
    return { kit, workshop };
  }

  private async share(round: Round): Promise<Shared> {
    try {
      const made = await this.factory.create();
      return { made, kit: new Kit(made.storage, round.swept) };
    } catch (failure) {
      this.shared.delete(round);
      throw failure;
    }
  }

  /** Counts a case that never ended, and lets its storage be: the next case gets a new one. */
  private giveUp(round: Round | null): void {
    this.hung++;
    const shared = round && this.shared.get(round);
    if (!round || !shared) return;
    this.shared.delete(round);
    void disposeOf(shared).catch(() => undefined);
  }
}

async function disposeOf(shared: Promise<Shared>): Promise<void> {
  const { made } = await shared;
  await made.dispose();
}
