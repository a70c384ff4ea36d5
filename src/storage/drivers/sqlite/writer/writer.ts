import type { Project } from '../../../../domain/principal.js';
import type { Millis } from '../../../../domain/time.js';
import { MarconiError } from '../../../../errors/marconi-error.js';
import type {
  Batch,
  MessageOp,
  MessageOutcome,
  QueueCreation,
  QueueRef,
  StorageHealth,
  SweepReport,
} from '../../../ports/index.js';
import { Commit } from '../commit/commit.js';
import { applyStep } from '../commit/steps.js';
import { sweep } from '../commit/sweep.js';
import { Ballast } from '../files/ballast.js';
import { SpaceGuard } from '../files/space.js';
import type { Binding, FileOptions } from '../options.js';
import { applyCopyStep, type CopyStep } from '../transfer/write.js';
import { WriterConnection } from './connection.js';
import { Housekeeping } from './housekeeping.js';
import { Transactor } from './transactor.js';

/** What a batch came to, and the milliseconds that its commit took. */
export interface Applied {
  readonly outcomes: readonly MessageOutcome[];
  readonly commitMs: number;
}

/** Bytes that a step adds beside bodies, at the least. */
const STEP_BYTES = 512;

function addedBytes(op: MessageOp): number {
  if (op.kind !== 'post') return 0;
  return op.messages.reduce((sum, { body }) => sum + body.byteLength + STEP_BYTES, 0);
}

function copiedBytes(step: CopyStep): number {
  if (step.kind !== 'putMessages') return STEP_BYTES;
  return step.messages.reduce((sum, { body }) => sum + body.byteLength + STEP_BYTES, 0);
}

function diskFull(): MarconiError {
  return new MarconiError('STORAGE_FULL', 'The disk is full: nothing more is stored until there is room.', {
    retryAfterMs: 1_000,
  });
}

/** All that changes the database, one durable transaction a call. Synchronous: a thread of its own runs it. */
export class Writer {
  private readonly connection: WriterConnection;
  private readonly space: SpaceGuard;
  private readonly ballast: Ballast;
  private readonly transactor: Transactor;
  private readonly housekeeping: Housekeeping;

  constructor(binding: Binding, options: FileOptions) {
    const { monotonic } = binding;
    this.connection = new WriterConnection(binding, options);
    this.space = new SpaceGuard(binding, options, () => this.connection.owedBytes);
    this.ballast = new Ballast(`${options.path}.ballast`, this.space.ballastBytes);
    this.housekeeping = new Housekeeping(this.connection, this.space, this.ballast, monotonic);
    const makeRoom = (): void => this.housekeeping.round();
    this.transactor = new Transactor(this.connection, this.space, this.ballast, monotonic, makeRoom);
  }

  /** Opens the file, and gives the latest time it knows. Throws STORAGE_UNAVAILABLE with what to do. */
  open(): Millis {
    return this.connection.open().tables.meta.clock;
  }

  /** As `MessageStore.apply`. */
  apply({ ops, now }: Batch): Applied {
    const bytes = ops.reduce((sum, op) => sum + addedBytes(op), 0);
    const { value, commitMs } = this.transactor.run(bytes, (tables, refuseGrowth) => {
      const commit = new Commit(tables, now, refuseGrowth);
      const outcomes = ops.map((op) => applyStep(commit, op));
      commit.flush();
      return outcomes;
    });
    return { outcomes: value, commitMs };
  }

  /** As `MessageStore.sweep`. */
  sweep(now: Millis, budget: number): SweepReport {
    return this.transactor.run(0, (tables) => {
      const commit = new Commit(tables, now, true);
      const report = sweep(commit, budget);
      commit.flush();
      return report;
    }).value;
  }

  /** As `ControlStore.createQueue`; throws STORAGE_FULL when there is no room. */
  createQueue(project: Project, name: string, ref: QueueRef, now: Millis): QueueCreation {
    return this.transactor.run(STEP_BYTES, ({ queues }, refuseGrowth): QueueCreation => {
      const known = queues.find(project, name);
      if (known) return { created: false, queue: known };
      if (refuseGrowth) throw diskFull();
      return { created: true, queue: queues.insert(project, name, ref, Math.floor(now)) };
    }).value;
  }

  /** As `ControlStore.setMetadata`; throws STORAGE_FULL when there is no room. */
  setMetadata(project: Project, name: string, metadata: Uint8Array): boolean {
    return this.transactor.run(metadata.byteLength + STEP_BYTES, ({ queues }, refuseGrowth) => {
      if (refuseGrowth && queues.find(project, name)) throw diskFull();
      return queues.setMetadata(project, name, metadata);
    }).value;
  }

  /** As `ControlStore.deleteQueue`. */
  deleteQueue(project: Project, name: string, uid: string): boolean {
    return this.transactor.run(0, ({ queues }) => queues.remove(project, name, uid)).value;
  }

  /** As the writing method of `Transfer` that the step names; throws STORAGE_FULL when there is no room. */
  copy(step: CopyStep, now: Millis): boolean {
    return this.transactor.run(copiedBytes(step), (tables, refuseGrowth) => {
      if (refuseGrowth) throw diskFull();
      const commit = new Commit(tables, now, refuseGrowth);
      const done = applyCopyStep(commit, step);
      commit.flush();
      return done;
    }).value;
  }

  /** As `Storage.health`. */
  health(): StorageHealth {
    const detail = this.connection.trouble;
    if (detail !== '') return { state: 'unavailable', detail };
    if (!this.space.isShort()) return { state: 'ok', detail: '' };
    return { state: 'full', detail: `the disk is full: ${this.space.available()} bytes are free` };
  }

  /** One round of work between commits; to be called several times a second. */
  housekeep(): void {
    this.housekeeping.round();
  }

  /** Opens anew after an I/O error, when no other connection is left. Throws STORAGE_UNAVAILABLE. */
  comeBack(): void {
    this.connection.comeBack();
  }

  close(): void {
    this.connection.close();
  }
}
