import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { StorageFactory } from '../conformance/index.js';
import { ConfigError } from '../config/index.js';

/**
 * The storage factory that a module exports, as `factory` or as its default; an ES module or a CommonJS one, by its
 * path or, from the working directory, by the name of its package.
 */
export async function loadFactory(module: string): Promise<StorageFactory> {
  const exported: unknown = await import(pathToFileURL(locate(module)).href).catch((error: unknown) => {
    throw new ConfigError([`${module} cannot be loaded: ${(error as Error).message}`]);
  });
  const found = candidates(exported).find(isFactory);
  if (found) return found;
  throw new ConfigError([`${module}: neither its export "factory" nor its default one has a function "create"`]);
}

function locate(module: string): string {
  const path = resolve(module);
  if (existsSync(path)) return createRequire(path).resolve(path);
  try {
    return createRequire(resolve('index.js')).resolve(module);
  } catch {
    throw new ConfigError([`${module}: no such file, and no such package from here`]);
  }
}

/** Where the factory may be; a CommonJS module that was compiled from an ES one has its default export one deeper. */
function candidates(exported: unknown): readonly unknown[] {
  const outer = member(exported, 'default');
  return [member(exported, 'factory'), member(outer, 'factory'), outer, member(outer, 'default')];
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function isFactory(value: unknown): value is StorageFactory {
  return typeof member(value, 'create') === 'function';
}
