import type { Project } from '../../../../domain/principal.js';
import type { Millis } from '../../../../domain/time.js';
import type { QueuePageQuery, QueueRecord, QueueRef } from '../../../ports/index.js';
import type { Db, Statement } from '../db/port.js';

interface QueueRow {
  readonly name: string;
  readonly uid: string;
  readonly pool: string;
  readonly metadata: Uint8Array;
  readonly createdAt: Millis;
}

const EMPTY = Buffer.from('{}');

/** One key per tenant: the global project is no named one, whatever that one's name (semantics section 2). */
export function projectKey(project: Project): string {
  return project === null ? 'g' : `p${project}`;
}

/** The project of a key. */
export function namedProject(key: string): Project {
  return key === 'g' ? null : key.slice(1);
}

function record(project: Project, row: QueueRow): QueueRecord {
  const { name, uid, pool, metadata, createdAt } = row;
  return { project, name, ref: { uid, pool }, metadata, createdAt };
}

/** Queues by project and name. Names compare by their UTF-8 bytes. */
export class QueueTable {
  private readonly byName: Statement<QueueRow>;
  private readonly page: Statement<QueueRow>;
  private readonly insertOne: Statement;
  private readonly updateMetadata: Statement;
  private readonly deleteOne: Statement;
  private readonly hasUid: Statement<{ uid: string }>;

  constructor(db: Db) {
    const select = 'SELECT name, uid, pool, metadata, created_at AS createdAt FROM queues WHERE project = ? AND';
    this.byName = db.prepare(`${select} name = ?`);
    this.page = db.prepare(`${select} name > ? ORDER BY name LIMIT ?`);
    this.insertOne = db.prepare(
      'INSERT INTO queues (project, name, uid, pool, metadata, created_at) VALUES (?, ?, ?, ?, ?, ?)',
    );
    this.updateMetadata = db.prepare('UPDATE queues SET metadata = ? WHERE project = ? AND name = ?');
    this.deleteOne = db.prepare('DELETE FROM queues WHERE project = ? AND name = ? AND uid = ?');
    this.hasUid = db.prepare('SELECT uid FROM queues WHERE uid = ?');
  }

  find(project: Project, name: string): QueueRecord | null {
    const row = this.byName.get(projectKey(project), name);
    return row ? record(project, row) : null;
  }

  list({ project, after, limit }: QueuePageQuery): QueueRecord[] {
    return this.page.all(projectKey(project), after, limit).map((row) => record(project, row));
  }

  insert(project: Project, name: string, ref: QueueRef, createdAt: Millis, metadata: Uint8Array = EMPTY): QueueRecord {
    this.insertOne.run(projectKey(project), name, ref.uid, ref.pool, metadata, createdAt);
    return { project, name, ref, metadata, createdAt };
  }

  setMetadata(project: Project, name: string, metadata: Uint8Array): boolean {
    return this.updateMetadata.run(metadata, projectKey(project), name).changes > 0;
  }

  remove(project: Project, name: string, uid: string): boolean {
    return this.deleteOne.run(projectKey(project), name, uid).changes > 0;
  }

  named(uids: readonly string[]): string[] {
    return uids.filter((uid) => this.hasUid.get(uid) !== undefined);
  }
}
