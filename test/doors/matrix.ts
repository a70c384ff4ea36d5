import { DOORS, type DoorName } from '../support/doors/index.js';
import type { Verdict } from './exceptions.js';

const SIGNS: Readonly<Record<Verdict, string>> = { same: 'ok', 'not said': '–', otherwise: '≠', WRONG: 'WRONG' };

const LEGEND = `gRPC streams: Publish posts, Consume claims, renews, releases and acknowledges, Subscribe lists; all else is unary.
ZeroMQ PULL: posts over PUSH and PULL; all else over DEALER.
ok: same answer · –: the door cannot say it · ≠: answers otherwise (test/doors/exceptions.yaml has the reasons)`;

/** What became of each case at each door. */
export class Matrix {
  private readonly rows = new Map<string, Map<DoorName, Verdict>>();

  set(id: string, door: DoorName, verdict: Verdict): void {
    const row = this.rows.get(id) ?? new Map<DoorName, Verdict>();
    this.rows.set(id, row.set(door, verdict));
  }

  /** The table, with sums. */
  toString(): string {
    const width = Math.max(...[...this.rows.keys()].map((id) => id.length)) + 2;
    const line = (head: string, cells: readonly string[]) => head.padEnd(width) + cells.map(padded).join('');
    const rows = [...this.rows].map(([id, row]) =>
      line(
        id,
        DOORS.map((door) => SIGNS[row.get(door) ?? 'WRONG']),
      ),
    );
    const sums = Object.entries(SIGNS).map(([verdict, sign]) =>
      line(
        sign,
        DOORS.map((door) => String([...this.rows.values()].filter((row) => row.get(door) === verdict).length)),
      ),
    );
    return [LEGEND, line(`${this.rows.size} cases`, DOORS), ...rows, '', ...sums].join('\n');
  }
}

const padded = (cell: string): string => cell.padEnd(14);
