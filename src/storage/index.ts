/** All that a storage driver is written against: the ports, and the rules that every driver shares. */
export * from './ports/index.js';
export type { ClientId } from '../domain/client-id.js';
export { judgeDeletion, type DeletionCase, type DeletionVerdict } from '../domain/deletion.js';
export { HoldState, isClaimable, isClaimed, isVisible, lifeUnderClaim, type Life } from '../domain/life.js';
export { formatMarker, parsePosition, type Marker, type Position } from '../domain/marker.js';
export { formatMessageId, parseMessageId, type BatchId, type MessageIdParts } from '../domain/message-id.js';
export type { Project } from '../domain/principal.js';
export { ageSeconds, currentTick, isDue, tickAfter, type Millis, type Tick } from '../domain/time.js';
export { MarconiError, type ErrorDetails, type FieldViolation } from '../errors/marconi-error.js';
export type { Reason } from '../errors/reasons.js';
