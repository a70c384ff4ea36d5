import type { Db } from '../db/port.js';
import { BlockTable } from './blocks.js';
import { ClaimTable } from './claims.js';
import { HeadTable } from './heads.js';
import { MessageTable } from './messages.js';
import { MetaTable } from './meta.js';
import { ProducerKeyTable } from './producer-keys.js';
import { QueueTable } from './queues.js';
import { TickTable } from './ticks.js';
import { WholeTable } from './whole.js';

/** The tables of one connection, with their statements prepared. */
export class Tables {
  readonly blocks: BlockTable;
  readonly claims: ClaimTable;
  readonly heads: HeadTable;
  readonly keys: ProducerKeyTable;
  readonly messages: MessageTable;
  readonly meta: MetaTable;
  readonly queues: QueueTable;
  readonly ticks: TickTable;
  readonly whole: WholeTable;

  constructor(db: Db) {
    this.blocks = new BlockTable(db);
    this.claims = new ClaimTable(db);
    this.heads = new HeadTable(db);
    this.keys = new ProducerKeyTable(db);
    this.messages = new MessageTable(db);
    this.meta = new MetaTable(db);
    this.queues = new QueueTable(db);
    this.ticks = new TickTable(db);
    this.whole = new WholeTable(db);
  }
}
