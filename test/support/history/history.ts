import type { Ending, Operation, Recorded, Results } from './operations.js';

/** The end of one operation, to be told once. */
export interface Token<K extends Operation['kind']> {
  /** It was answered. */
  ok(result: Results[K]): void;
  /** It was refused and has no effect, now or later. */
  fail(reason: string): void;
  /** Nobody knows: no answer came. */
  unknown(): void;
}

/** A line of a history in text form: a call, or the end of one. */
type Line =
  | { readonly n: string; readonly at: number; readonly client: string; readonly call: Operation }
  | { readonly n: string; readonly at: number; readonly end: Ending };

interface Open {
  readonly client: string;
  readonly op: Operation;
  readonly from: number;
  end?: { readonly to: number; readonly ending: Ending };
}

/** How a history is recorded. */
export interface HistoryOptions {
  /** Milliseconds; by default the machine's monotonic clock, which all its processes share. */
  readonly clock?: () => number;
  /** Called with each line as it comes to be, for a process that may be killed. */
  readonly onLine?: (line: string) => void;
  /** Called with each end of an operation, also of those that are taken over. */
  readonly onEnd?: (op: Operation, ending: Ending) => void;
  /** Tells the calls of one process from those of another. */
  readonly origin?: string;
}

/** Records what clients call and what they are told. An operation without an end counts as in doubt. */
export class History {
  private readonly operations = new Map<string, Open>();
  private readonly clock: () => number;
  private readonly onLine: (line: string) => void;
  private readonly onEnd: (op: Operation, ending: Ending) => void;
  private readonly origin: string;

  constructor(options: HistoryOptions = {}) {
    const { clock = machineClock, onLine = ignore, onEnd = ignore, origin = String(process.pid) } = options;
    this.clock = clock;
    this.onLine = onLine;
    this.onEnd = onEnd;
    this.origin = origin;
  }

  /** Number of operations so far. */
  get size(): number {
    return this.operations.size;
  }

  /** Notes a call, before it is sent; the token takes its end. */
  invoke<Op extends Operation>(client: string, op: Op): Token<Op['kind']> {
    const n = `${this.origin}/${this.operations.size}`;
    const from = this.clock();
    this.note({ n, at: from, client, call: op });
    const end = (ending: Ending) => this.note({ n, at: this.clock(), end: ending });
    return {
      ok: (result) => end({ kind: 'ok', result }),
      fail: (reason) => end({ kind: 'failed', reason }),
      unknown: () => end({ kind: 'unknown' }),
    };
  }

  /**
   * Takes over the lines of another history, for example of a client in a process of its own. The last line may be cut
   * off, as a killed process leaves it: what it would have told is then in doubt.
   */
  absorb(lines: Iterable<string>): this {
    const texts = [...lines].filter((text) => text !== '');
    texts.forEach((text, index) => {
      const line = parseLine(text);
      if (line) this.note(line);
      else if (index < texts.length - 1) throw new Error(`Line ${index + 1} of the history is broken: ${text}`);
    });
    return this;
  }

  /** All operations, in the order of their calls. */
  records(): readonly Recorded[] {
    return [...this.operations.values()].map(recorded).sort((a, b) => a.from - b.from);
  }

  /** The history as lines of JSON. */
  *lines(): Generator<string> {
    for (const [n, { client, op, from, end }] of this.operations) {
      yield JSON.stringify({ n, at: from, client, call: op } satisfies Line);
      if (end) yield JSON.stringify({ n, at: end.to, end: end.ending } satisfies Line);
    }
  }

  private note(line: Line): void {
    this.onLine(JSON.stringify(line));
    if ('call' in line) {
      if (this.operations.has(line.n))
        throw new Error(`Two calls are numbered ${line.n}: give each process an origin.`);
      this.operations.set(line.n, { client: line.client, op: line.call, from: line.at });
      return;
    }
    const open = this.operations.get(line.n);
    if (!open) throw new Error(`The end of call ${line.n} comes without the call.`);
    if (open.end) throw new Error(`Call ${line.n} ends twice.`);
    open.end = { to: line.at, ending: line.end };
    this.onEnd(open.op, line.end);
  }
}

const ignore = (): void => undefined;

function recorded({ client, op, from, end }: Open): Recorded {
  if (!end || end.ending.kind === 'unknown') return { client, op, from, to: Infinity, ending: { kind: 'unknown' } };
  return { client, op, from, to: end.to, ending: end.ending };
}

function parseLine(text: string): Line | null {
  try {
    return JSON.parse(text) as Line;
  } catch {
    return null;
  }
}

function machineClock(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
