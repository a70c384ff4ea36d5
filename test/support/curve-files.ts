import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeKeyPair, type KeyPairText } from '../../src/auth/curve/key-pair.js';
import type { ClientCurve } from './zmq-client.js';

/** A line of a file of client keys. */
export interface KeyLine {
  readonly name: string;
  readonly key: string;
  readonly project: string | null;
  readonly rights: readonly string[];
}

/** A server's key files in a folder, and the keys of clients. */
export class CurveFiles {
  readonly server: KeyPairText = makeKeyPair();
  readonly secretKey: string;
  readonly clientKeys: string;
  private readonly lines: KeyLine[] = [];

  constructor(folder: string) {
    this.secretKey = join(folder, 'server.secret');
    this.clientKeys = join(folder, 'clients.yaml');
    writeFileSync(this.secretKey, this.server.secretKey);
    this.write();
  }

  /** Makes a client's pair; in the file when it has rights. */
  client(name: string, project: string | null, rights: readonly string[]): ClientCurve {
    const pair = makeKeyPair();
    if (rights.length > 0) this.lines.push({ name, key: pair.publicKey, project, rights });
    this.write();
    return { ...pair, serverKey: this.server.publicKey };
  }

  /** Takes a key out of the file. */
  revoke(name: string): void {
    this.lines.splice(
      this.lines.findIndex((line) => line.name === name),
      1,
    );
    this.write();
  }

  /** Flags of a core with these files, and so without the endpoints that all projects share. */
  get flags(): string[] {
    const off = ['--zmq-pull=', '--zmq-push=', '--zmq-pub='];
    return [`--zmq-secret-key=${this.secretKey}`, `--zmq-client-keys=${this.clientKeys}`, ...off];
  }

  private write(): void {
    // JSON is YAML.
    writeFileSync(this.clientKeys, JSON.stringify({ keys: this.lines }));
  }
}
