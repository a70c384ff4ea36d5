import type { Context } from '@opentelemetry/api';
import type { MessageOp, MessageOutcome } from '../../storage/ports/index.js';
import type { Chain } from './chain.js';

/** A step that waits for its commit. */
export interface WaitingStep {
  readonly op: MessageOp;
  /** Bytes of bodies that it brings in. */
  readonly bytes: number;
  /** The chain that it is part of, if any. */
  readonly chain: Chain | undefined;
  /** The trace that it belongs to. */
  readonly trace: Context;
  readonly resolve: (outcome: MessageOutcome) => void;
  readonly reject: (error: Error) => void;
}

/** True for a step that brings work in; under overload these are refused, and the others go before them. */
export function isIntake(op: MessageOp): boolean {
  return op.kind === 'post' || op.kind === 'open';
}

/** Bytes of bodies that the step brings in. */
export function bodyBytes(op: MessageOp): number {
  return op.kind === 'post' ? op.messages.reduce((sum, message) => sum + message.body.byteLength, 0) : 0;
}
