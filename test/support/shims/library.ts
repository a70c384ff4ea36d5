import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';

/** The shims: `powerloss` keeps what was synced, `eio` counts and fails calls, `slowsync` delays syncs. */
export type ShimName = 'powerloss' | 'eio' | 'slowsync';

/** Where package.json is: a bench runs this file compiled, under dist. */
const ROOT = [join(__dirname, '../../..'), join(__dirname, '../../../..')].find((folder) =>
  existsSync(join(folder, 'package.json')),
) as string;
const SOURCES = join(ROOT, 'test/support/shims');
const CACHE = join(ROOT, '.cache/shims');

/** Compiles the shim with gcc unless that was done before, and gives the library's path. */
export function shimLibrary(name: ShimName): string {
  const sources = [`${name}.c`, 'shim.h'].map((file) => readFileSync(join(SOURCES, file)));
  const digest = createHash('sha256').update(Buffer.concat(sources)).digest('hex').slice(0, 16);
  const library = join(CACHE, `${name}-${digest}.so`);
  if (existsSync(library)) return library;
  mkdirSync(CACHE, { recursive: true });
  const fresh = `${library}.${process.pid}`;
  const flags = ['-shared', '-fPIC', '-O2', '-Wall', '-Wextra', '-Werror'];
  execFileSync('gcc', [...flags, '-o', fresh, join(SOURCES, `${name}.c`), '-ldl', '-lpthread'], { stdio: 'inherit' });
  renameSync(fresh, library);
  return library;
}

/** What the environment of a process under the shims needs. */
export interface ShimEnvironment {
  /** The shims, the outermost first: a `powerloss` before an `eio` sees its failures. */
  readonly shims: readonly ShimName[];
  /** The real path of the data folder. */
  readonly folder: string;
  readonly controlFile?: string | undefined;
  readonly shadow?: string | undefined;
}

/** The environment variables that put a process under the shims. */
export function shimEnv({ shims, folder, controlFile, shadow }: ShimEnvironment): Record<string, string> {
  return {
    LD_PRELOAD: shims.map(shimLibrary).join(' '),
    FAULT_FOLDER: folder,
    ...(controlFile === undefined ? {} : { FAULT_CONTROL: controlFile }),
    ...(shadow === undefined ? {} : { FAULT_SHADOW: shadow }),
  };
}
