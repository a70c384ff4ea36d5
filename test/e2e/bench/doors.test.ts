import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { FIGURES } from '../../../bench/doors/figures.js';

/** Run alone this takes about ten seconds. */
const TIMEOUT_MS = 55_000;

// It fails by itself when a message is lost, comes twice, or is acknowledged and still there.
test('The bench of the doors measures each figure once and loses nothing', async () => {
  const bench = join(__dirname, '../../../dist/bench/doors.js');
  const { stdout } = await promisify(execFile)(process.execPath, [bench, '--quick'], { timeout: TIMEOUT_MS });
  const lines = stdout.split('\n');
  for (const { title, bar } of Object.values(FIGURES)) {
    const said = lines.filter((line) => line.slice('MISS '.length).startsWith(`${title}: `));
    expect(said).toEqual([expect.stringMatching(bar === undefined ? /: [1-9]\d*\/s$/ : /: .*[1-9].*\(bar .+\)$/)]);
    expect(said.join()).not.toContain('NaN');
  }
});
