import type { Socket } from 'node:net';
import { BSON, type Document } from 'mongodb';

const HEADER = 16;
const OP_MSG = 2013;
/** A flag of OP_MSG: four bytes of checksum follow its sections. */
const HAS_CHECKSUM = 1;

/** Servers take no longer message: 48 MB. */
const MAX_FRAME = 48_000_000;

/** A message of the MongoDB wire protocol as it came. */
export interface Frame {
  readonly bytes: Buffer;
  readonly requestId: number;
  readonly responseTo: number;
}

/** The messages that come over a connection, one by one: the next is read when the one before has been dealt with. */
export async function* frames(socket: Socket): AsyncGenerator<Frame> {
  let pending: Buffer = Buffer.alloc(0);
  for await (const data of socket as AsyncIterable<Buffer>) {
    pending = Buffer.concat([pending, data]);
    while (pending.length >= HEADER && pending.length >= lengthOf(pending)) {
      const bytes = pending.subarray(0, lengthOf(pending));
      pending = pending.subarray(bytes.length);
      yield { bytes, requestId: bytes.readInt32LE(4), responseTo: bytes.readInt32LE(8) };
    }
  }
}

function lengthOf(bytes: Buffer): number {
  const length = bytes.readInt32LE(0);
  if (length < HEADER || length > MAX_FRAME) throw new Error(`${length} is no length of a message`);
  return length;
}

/** The document that an OP_MSG carries, its sequences put back as lists; null for a message of another kind. */
export function documentOf({ bytes }: Frame, options: BSON.DeserializeOptions = {}): Document | null {
  if (bytes.readInt32LE(12) !== OP_MSG) return null;
  const end = bytes.length - (bytes.readInt32LE(HEADER) & HAS_CHECKSUM ? 4 : 0);
  let body: Document = {};
  let sequences: Document = {};
  for (let at = HEADER + 4; at < end;) {
    const section = bytes.subarray(at + 1, at + 1 + bytes.readInt32LE(at + 1));
    if (bytes[at] === 0) body = BSON.deserialize(section, options);
    else sequences = { ...sequences, ...sequenceOf(section, options) };
    at += 1 + section.length;
  }
  return { ...body, ...sequences };
}

function sequenceOf(section: Buffer, options: BSON.DeserializeOptions): Document {
  const zero = section.indexOf(0, 4);
  const documents: Document[] = [];
  for (let at = zero + 1; at < section.length; at += section.readInt32LE(at)) {
    documents.push(BSON.deserialize(section.subarray(at, at + section.readInt32LE(at)), options));
  }
  return { [section.toString('utf8', 4, zero)]: documents };
}

/** The message with what `alter` makes of its document; numbers keep their types. */
export function altered(frame: Frame, alter: (document: Document) => Document): Buffer {
  const document = documentOf(frame, { promoteValues: false });
  if (document === null) return frame.bytes;
  const body = BSON.serialize(alter(document));
  const head = Buffer.alloc(HEADER + 5);
  frame.bytes.copy(head, 0, 0, HEADER);
  head.writeInt32LE(head.length + body.length, 0);
  return Buffer.concat([head, body]);
}
