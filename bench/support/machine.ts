import { cpus, release, tmpdir, totalmem } from 'node:os';
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { median } from './samples.js';

/** What the figures of a run depend on: processor, memory, kernel, Node.js, and how long the disk's sync takes. */
export function machineFacts(folder = tmpdir()): string {
  const processors = cpus();
  const gib = (totalmem() / 2 ** 30).toFixed(0);
  return [
    `${processors.length} x ${processors[0]?.model.trim() ?? 'unknown processor'}, ${gib} GiB`,
    `Linux ${release()}, Node.js ${process.version}`,
    `${folder}: fdatasync of 4 KiB takes ${syncMicros(folder).toFixed(0)} us (median of 50)`,
  ].join('\n');
}

function syncMicros(parent: string): number {
  const folder = mkdtempSync(join(parent, 'marconi-sync-'));
  const file = openSync(join(folder, 'file'), 'w');
  const page = Buffer.alloc(4096, 1);
  const micros = Array.from({ length: 50 }, (_, i) => {
    writeSync(file, page, 0, page.length, i * page.length);
    const started = performance.now();
    fdatasyncSync(file);
    return (performance.now() - started) * 1000;
  });
  closeSync(file);
  rmSync(folder, { recursive: true });
  return median(micros);
}
