import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Exceptions } from '../conformance/index.js';
import { ConfigError } from '../config/index.js';

const SHAPE = z.record(z.string(), z.string());

/** Reads a driver's exceptions: a mapping of case ids to reasons, in YAML or JSON. Throws ConfigError. */
export function readExceptions(path: string): Exceptions {
  let content: unknown;
  try {
    content = parse(readFileSync(path, 'utf8')) ?? {};
  } catch (error) {
    throw new ConfigError([`${path}: the exceptions cannot be read: ${(error as Error).message}`]);
  }
  const read = SHAPE.safeParse(content);
  if (read.success) return read.data;
  throw new ConfigError([`${path}: expected a mapping of case ids to reasons, all text`]);
}
