import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { DoorRefusal, Unsayable, type DoorName } from '../support/doors/index.js';

/** Reasons by what is excepted. */
type Reasons = Readonly<Record<string, string>>;

interface DoorExceptions {
  readonly 'cannot say'?: Reasons;
  readonly 'answers otherwise'?: Reasons;
}

/** What became of a case at a door. */
export type Verdict = 'same' | 'not said' | 'otherwise' | 'WRONG';

interface Listed {
  readonly 'provoked elsewhere': Reasons;
  readonly doors: Readonly<Record<string, DoorExceptions>>;
}

const LISTED = parse(readFileSync(join(__dirname, 'exceptions.yaml'), 'utf8')) as Listed;

/** Reasons that no case provokes, and which suite does. */
export const PROVOKED_ELSEWHERE = Object.keys(LISTED['provoked elsewhere']);

/** What doors may not say or say otherwise, and why: test/doors/exceptions.yaml. */
export class Exceptions {
  private readonly used = new Set<string>();

  /** Runs a case. Throws when it fails without an exception, and when it passes with one. */
  async judge(door: DoorName, id: string, run: () => Promise<void>): Promise<Verdict> {
    const failure = await run().then(
      () => null,
      (error: unknown) => error,
    );
    if (failure instanceof Unsayable && this.uses(door, 'cannot say', failure.what)) return 'not said';
    const isListed = this.uses(door, 'answers otherwise', id);
    if (failure === null && isListed) throw new Error(`${door} is no exception to "${id}" any more.`);
    if (failure === null) return 'same';
    if (isListed && isAnswer(failure)) return 'otherwise';
    throw failure as Error;
  }

  /** Exceptions that no case met. */
  unused(): string[] {
    return Object.entries(LISTED.doors)
      .flatMap(([door, kinds]) =>
        Object.entries(kinds).flatMap(([kind, reasons]) =>
          Object.keys(reasons as Reasons).map((name) => keyOf(door, kind, name)),
        ),
      )
      .filter((key) => !this.used.has(key));
  }

  private uses(door: DoorName, kind: keyof DoorExceptions, name: string): boolean {
    const reason = LISTED.doors[door]?.[kind]?.[name];
    if (reason !== undefined) this.used.add(keyOf(door, kind, name));
    return reason !== undefined;
  }
}

const keyOf = (door: string, kind: string, name: string): string => `${door}: ${kind}: ${name}`;

/** An answer that differs; a fault of the test or the server is never excepted. */
function isAnswer(failure: unknown): boolean {
  return failure instanceof DoorRefusal || (failure as { matcherResult?: unknown }).matcherResult !== undefined;
}
