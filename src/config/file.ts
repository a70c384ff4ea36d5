import { readFileSync, statSync } from 'node:fs';
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type Pair,
  type YAMLMap,
} from 'yaml';
import { ConfigError } from './config-error.js';

/** One value (or list) of a configuration file and where it stands. */
export interface FileValue {
  /** Dotted. */
  readonly key: string;
  readonly value: unknown;
  /** `FILE:LINE`. */
  readonly origin: string;
}

/** More than any configuration needs; a larger file is a mistake in its name. */
const MAX_FILE_BYTES = 1024 * 1024;

/**
 * Reads a YAML (or JSON, which is YAML) file of nested or dotted keys.
 * @throws ConfigError when it cannot be read, is not YAML, or is not made of mappings, lists and plain values
 */
export function readConfigFile(path: string): readonly FileValue[] {
  const lines = new LineCounter();
  const document = parseDocument(readText(path), { lineCounter: lines });
  const broken = document.errors[0];
  if (broken !== undefined) throw new ConfigError([`${path}: ${broken.message}`]);
  if (document.contents === null) return [];
  if (!isMap(document.contents)) throw new ConfigError([`${path}: expected a mapping of options`]);
  const place = (offset: number): string => `${path}:${lines.linePos(offset).line}`;
  return flatten(document, document.contents, '', place);
}

function readText(path: string): string {
  try {
    const { size } = statSync(path);
    if (size > MAX_FILE_BYTES) throw new Error(`it has ${size} bytes, more than ${MAX_FILE_BYTES}`);
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigError([`${path}: the configuration file cannot be read: ${(error as Error).message}`]);
  }
}

function flatten(doc: Document, map: YAMLMap, prefix: string, place: (offset: number) => string): FileValue[] {
  return map.items.flatMap((pair: Pair) => {
    const offset = isScalar(pair.key) ? (pair.key.range?.[0] ?? 0) : 0;
    const key = `${prefix}${isScalar(pair.key) ? String(pair.key.value) : '?'}`;
    const node = isAlias(pair.value) ? pair.value.resolve(doc) : pair.value;
    if (isMap(node) && !isAlias(pair.value)) return flatten(doc, node, `${key}.`, place);
    return [{ key, value: valueOf(doc, node), origin: place(offset) }];
  });
}

function valueOf(doc: Document, node: unknown): unknown {
  if (isScalar(node)) return node.value;
  return isSeq(node) ? (node.toJS(doc) as unknown) : (node ?? null);
}
