import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { ConfigError } from '../config/index.js';
import { parseStorageUri, type StorageUri } from '../config/storage-uri.js';
import { redactUri } from '../domain/redact-uri.js';
import { MarconiError } from '../errors/marconi-error.js';

/** Refuses what cannot be the two ends of a copy. Throws ConfigError, or STORAGE_UNAVAILABLE when there is no source. */
export function checkEnds(from: string, to: string): void {
  const [source, target] = [endOf('FROM', from), endOf('TO', to)];
  if (isSame(source, target)) throw new ConfigError([`FROM and TO are the same storage: ${redactUri(from)}`]);
  if (source.driver !== 'sqlite' || existsSync(source.path)) return;
  throw new MarconiError('STORAGE_UNAVAILABLE', `${source.path} is not there: name the file of a storage.`);
}

type End = Exclude<StorageUri, { readonly driver: 'memory' }>;

function endOf(name: string, text: string): End {
  const uri = parseStorageUri(text);
  if (uri === null) throw new ConfigError([`${name}: no driver takes the URI ${redactUri(text)}`]);
  if (uri.driver === 'memory') throw new ConfigError([`${name}: ${text} is kept nowhere, and cannot be copied`]);
  return uri;
}

function isSame(a: End, b: End): boolean {
  if (a.driver === 'sqlite') return b.driver === 'sqlite' && isSameFile(a.path, b.path);
  return (
    b.driver === 'mongodb' && a.database === b.database && hostsOf(a.uri).some((host) => hostsOf(b.uri).includes(host))
  );
}

/** The servers that a MongoDB URI names, with their ports. */
function hostsOf(uri: string): readonly string[] {
  const hosts = /^[a-z+]+:\/\/(?:[^/?]*@)?([^/?]*)/.exec(uri)?.[1] ?? '';
  return hosts.split(',').map((host) => (/:\d+$/.test(host) ? host : `${host}:27017`).toLowerCase());
}

/** Also by another name: a link to it has a lock of its own, so that opening would not find out. */
function isSameFile(a: string, b: string): boolean {
  if (resolve(a) === resolve(b)) return true;
  const [one, other] = [a, b].map((path) => statSync(path, { throwIfNoEntry: false }));
  return one !== undefined && other !== undefined && one.dev === other.dev && one.ino === other.ino;
}
