import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** Whether one unsynced sector, name or size happened to reach the disk. */
export type Survives = () => boolean;

const SECTOR = 4096;

/** A data folder whose disk can lose power; its process runs under the `powerloss` shim. */
export class LossyDisk {
  private readonly entries: string;
  private readonly inodes: string;

  constructor(
    readonly folder: string,
    readonly shadow: string,
  ) {
    this.entries = join(shadow, 'entries');
    this.inodes = join(shadow, 'inodes');
    this.settle();
  }

  /** Everything in the folder counts as durable. No process may be using it. */
  settle(): void {
    rmSync(this.shadow, { recursive: true, force: true });
    for (const path of [this.folder, this.entries, this.inodes]) mkdirSync(path, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(this.folder)) {
      const file = join(this.folder, name);
      const inode = join(this.inodes, String(statSync(file, { bigint: true }).ino));
      copyFileSync(file, inode);
      linkSync(inode, join(this.entries, name));
    }
  }

  /**
   * The power went, after the process was killed: the folder now holds what was synced, and of the rest what `survives`,
   * asked for each sector. By default nothing does.
   */
  losePower(survives: Survives = () => false): void {
    const names = new Set([...readdirSync(this.entries), ...readdirSync(this.folder)]);
    const after = [...names].flatMap((name) => {
      const content = mix(contentOf(join(this.entries, name)), contentOf(join(this.folder, name)), survives);
      return content === null ? [] : [{ name, content }];
    });
    for (const name of readdirSync(this.folder)) rmSync(join(this.folder, name));
    for (const { name, content } of after) writeFileSync(join(this.folder, name), content, { mode: 0o600 });
    this.settle();
  }
}

function contentOf(file: string): Buffer | null {
  return existsSync(file) ? readFileSync(file) : null;
}

/** The file after the loss: `synced` with those sectors of `written` that survived; null when it is not there. */
function mix(synced: Buffer | null, written: Buffer | null, survives: Survives): Buffer | null {
  if (written === null) return synced === null || survives() ? null : synced;
  if (synced === null && !survives()) return null;
  const base = synced ?? Buffer.alloc(0);
  const size = written.length !== base.length && survives() ? written.length : base.length;
  const mixed = Buffer.alloc(size);
  base.copy(mixed);
  for (let at = 0; at < Math.min(size, written.length); at += SECTOR) {
    const sector = written.subarray(at, Math.min(at + SECTOR, size));
    if (!mixed.subarray(at, at + sector.length).equals(sector) && survives()) sector.copy(mixed, at);
  }
  return mixed;
}
