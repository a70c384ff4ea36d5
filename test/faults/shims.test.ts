import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ShimControl } from '../support/shims/control.js';
import { shimEnv, type ShimName } from '../support/shims/library.js';
import { LossyDisk } from '../support/shims/lossy-disk.js';

let root: string;
let data: string;
let control: ShimControl;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'marconi-shims-')));
  data = join(root, 'data');
  mkdirSync(data);
  control = new ShimControl(join(root, 'control'));
});

afterEach(() => {
  control.close();
  rmSync(root, { recursive: true });
});

/** Runs a script in the data folder under the shims, with `fs` and `open(name, flags)` at hand; gives what it printed. */
function run(shims: readonly ShimName[], script: string, expectSignal: string | null = null): string {
  const env = shimEnv({ shims, folder: data, controlFile: control.path, shadow: join(root, 'shadow') });
  const prelude = `const fs = require('node:fs'); const open = (name, flags) => fs.openSync(process.cwd() + '/' + name, flags);`;
  const done = spawnSync(process.execPath, ['-e', `${prelude}${script}`], {
    cwd: data,
    env: { ...process.env, ...env },
    encoding: 'utf8',
  });
  expect(done.stderr).toBe('');
  expect(done.signal).toBe(expectSignal);
  return done.stdout.trim();
}

describe('the eio shim', () => {
  test('counts the syncs and writes of the folder and no others', () => {
    run(
      ['eio'],
      `const fd = open('a', 'w');
       fs.writeSync(fd, 'x'); fs.writeSync(fd, 'y', 9); fs.ftruncateSync(fd, 1);
       fs.fsyncSync(fd); fs.fdatasyncSync(fd);
       const other = open('../b', 'w'); fs.writeSync(other, 'x'); fs.fsyncSync(other);`,
    );
    expect([control.syncs, control.writes, control.failed]).toEqual([2, 3, 0]);
  });

  test.each(['sync', 'write'] as const)('fails the calls named, of kind %s, and does nothing in them', (kind) => {
    control.fail({ kind, at: 2, calls: 2 });
    const printed = run(
      ['eio'],
      `const fd = open('a', 'w');
       const call = { sync: () => fs.fsyncSync(fd), write: () => fs.writeSync(fd, 'x') }['${kind}'];
       const codes = [1, 2, 3, 4].map(() => { try { call(); return 'ok'; } catch (e) { return e.code; } });
       console.log(codes.join(), fs.fstatSync(fd).size);`,
    );
    expect(printed).toBe(`ok,EIO,EIO,ok ${kind === 'write' ? 2 : 0}`);
    expect(control.failed).toBe(2);
  });

  test('gives the error asked for', () => {
    control.fail({ kind: 'write', at: 1, errno: 'ENOSPC' });
    expect(run(['eio'], `try { fs.writeSync(open('a', 'w'), 'x'); } catch (e) { console.log(e.code); }`)).toBe(
      'ENOSPC',
    );
  });
});

test('the slowsync shim makes each sync of the folder take longer', () => {
  control.slowSyncs(60);
  const printed = run(
    ['slowsync'],
    `const took = (name) => { const fd = open(name, 'w'); const t = performance.now(); fs.fsyncSync(fd); return performance.now() - t; };
     console.log(took('a') >= 60, took('../b') < 60);`,
  );
  expect(printed).toBe('true true');
});

describe('the powerloss shim', () => {
  const die = `process.kill(process.pid, 'SIGKILL'); while (true);`;
  const contents = (name: string): string => readFileSync(join(data, name), 'utf8');
  let disk: LossyDisk;

  beforeEach(() => {
    writeFileSync(join(data, 'old'), 'old content');
    writeFileSync(join(data, 'gone'), 'to be removed');
    disk = new LossyDisk(data, join(root, 'shadow'));
  });

  const lose = (script: string, shims: readonly ShimName[] = ['powerloss']): void => {
    run(shims, `${script};${die}`, 'SIGKILL');
    disk.losePower();
  };

  test('keeps what was synced and drops what was written after', () => {
    lose(`const fd = open('old', 'r+'); fs.writeSync(fd, 'NEW', 0); fs.fsyncSync(fd); fs.writeSync(fd, 'LATER', 4)`);
    expect(contents('old')).toBe('NEW content');
  });

  test('keeps untouched files', () => {
    lose('');
    expect([contents('old'), contents('gone')]).toEqual(['old content', 'to be removed']);
  });

  test('drops a file that was never synced, and keeps the name of one that was', () => {
    lose(`fs.writeFileSync('a', 'never'); const fd = open('b', 'w'); fs.writeSync(fd, 'synced'); fs.fdatasyncSync(fd)`);
    expect(existsSync(join(data, 'a'))).toBe(false);
    expect(contents('b')).toBe('synced');
  });

  test('takes back a truncation that was not synced', () => {
    lose(`fs.ftruncateSync(open('old', 'r+'), 3)`);
    expect(contents('old')).toBe('old content');
  });

  test('keeps a truncation that was synced, and zeros where the file grew again', () => {
    lose(`const fd = open('old', 'r+'); fs.ftruncateSync(fd, 3); fs.writeSync(fd, '!', 5); fs.fsyncSync(fd)`);
    expect(contents('old')).toBe('old\0\0!');
  });

  test('takes back a removal and a rename until the folder is synced', () => {
    lose(`fs.unlinkSync('gone'); fs.renameSync('old', 'new')`);
    expect([contents('old'), contents('gone'), existsSync(join(data, 'new'))]).toEqual([
      'old content',
      'to be removed',
      false,
    ]);
  });

  test('keeps a removal, a rename and a creation once the folder is synced', () => {
    lose(`fs.unlinkSync('gone'); fs.renameSync('old', 'new'); fs.writeFileSync('empty', 'bytes were not synced');
          fs.fsyncSync(fs.openSync(process.cwd(), 'r'))`);
    expect([contents('new'), contents('empty')]).toEqual(['old content', '']);
    expect([existsSync(join(data, 'old')), existsSync(join(data, 'gone'))]).toEqual([false, false]);
  });

  test('keeps the old file under a name that was replaced and not synced', () => {
    lose(`const fd = open('fresh', 'w'); fs.writeSync(fd, 'new'); fs.fsyncSync(fd); fs.renameSync('fresh', 'old')`);
    expect(contents('old')).toBe('old content');
  });

  test('keeps a new file under the name of one that was removed once the new one is synced', () => {
    lose(`fs.unlinkSync('old'); const fd = open('old', 'w'); fs.writeSync(fd, 'new'); fs.fsyncSync(fd)`);
    expect(contents('old')).toBe('new');
  });

  test('counts pages as clean after a failed sync: a later one does not bring them back', () => {
    control.fail({ kind: 'sync', at: 1 });
    lose(
      `const fd = open('old', 'r+'); fs.writeSync(fd, 'NEW', 0);
       try { fs.fsyncSync(fd); } catch {} fs.fsyncSync(fd)`,
      ['powerloss', 'eio'],
    );
    expect(contents('old')).toBe('old content');
  });

  test('tells a failed sync to every descriptor that was open then, once', () => {
    control.fail({ kind: 'sync', at: 1 });
    const printed = run(
      ['powerloss', 'eio'],
      `const [a, b] = [open('old', 'r+'), open('old', 'r+')];
       const sync = (fd) => { try { fs.fsyncSync(fd); return 'ok'; } catch (e) { return e.code; } };
       const told = [sync(a), sync(a), sync(b), sync(b), sync(open('old', 'r+'))];
       console.log(told.join());`,
    );
    expect(printed).toBe('EIO,ok,EIO,ok,ok');
  });

  test('lets unsynced sectors survive one by one when the test wants so', () => {
    run(
      ['powerloss'],
      `const fd = open('old', 'r+'); fs.writeSync(fd, Buffer.alloc(3 * 4096, 'n')); ${die}`,
      'SIGKILL',
    );
    const answers = [true, false, true, false];
    disk.losePower(() => answers.shift() ?? false);
    const after = readFileSync(join(data, 'old'));
    expect(after.length).toBe(3 * 4096);
    expect([after.toString('latin1', 0, 11), after[4096], after[8192]]).toEqual(['old content', 110, 0]);
  });
});
