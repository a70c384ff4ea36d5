import type { Document } from 'mongodb';
import { createClient } from '../../../../src/storage/drivers/mongodb/client.js';
import { boundFaults, concernFaults, hotFaults, MAX_IN } from '../../../support/mongo/command-rules.js';
import type { RecordedCommand } from '../../../support/mongo/recorded-command.js';

const command = (name: string, more: Document = {}, collection = 'messages'): RecordedCommand => {
  return { name, collection, body: { [name]: collection, ...more }, begun: 1, ended: 2 };
};
const majority = { readConcern: { level: 'majority' } };
const acknowledged = { writeConcern: { w: 'majority', j: true, wtimeout: 5_000 } };
const find = (filter: Document, more: Document = {}) => command('find', { filter, limit: 1, ...majority, ...more });
const update = (q: Document, more: Document = {}) => command('update', { updates: [{ q, u: {}, ...more }] });

describe('concerns', () => {
  test.each([
    ['a read', find({})],
    ['a read that says from where', find({}, { $readPreference: { mode: 'primary' } })],
    ['a write', command('insert', acknowledged)],
    ['more of a read', command('getMore')],
  ])('allow %s', (_name, allowed) => {
    expect(concernFaults(allowed)).toEqual([]);
  });

  test.each([
    ['a read of what may be lost', find({}, { readConcern: { level: 'local' } })],
    ['a read that does not say', find({}, { readConcern: undefined })],
    ['a read from any node', find({}, { $readPreference: { mode: 'primaryPreferred' } })],
    ['a write without the journal', command('insert', { writeConcern: { w: 'majority' } })],
    ['a write to one node', command('findAndModify', { writeConcern: { w: 1, j: true } })],
    ['a write that does not say', command('delete')],
    ['an unknown command', command('mapReduce', { ...majority, ...acknowledged })],
  ])('find %s', (_name, fault) => {
    expect(concernFaults(fault)).toHaveLength(1);
  });

  test('of the client name the primary', () => {
    const { options } = createClient({ uri: 'mongodb://127.0.0.1:1/', database: 'marconi' });
    expect(options.readPreference.mode).toBe('primary');
  });
});

describe('bounds', () => {
  const ids = (count: number) => ({ _id: { $in: Array.from({ length: count }, (_, index) => index) } });
  const aggregate = (...pipeline: readonly Document[]) => command('aggregate', { pipeline });

  test.each([
    ['a list as long as it may be', find(ids(MAX_IN))],
    ['counting', aggregate({ $match: { uid: 'u' } }, { $limit: 5 }, { $group: { _id: '$due' } })],
    ['a change stream', aggregate({ $changeStream: {} }, { $project: { documentKey: 1 } })],
  ])('allow %s', (_name, allowed) => {
    expect(boundFaults(allowed)).toEqual([]);
  });

  test.each([
    ['a longer list', find(ids(MAX_IN + 1))],
    ['a longer list of what is not wanted', update({ _id: { $nin: ids(MAX_IN + 1)._id.$in } })],
    ['a query without a limit', find({}, { limit: 0 })],
    ['counting without a limit', aggregate({ $match: { uid: 'u' } }, { $group: { _id: '$due' } })],
    ['an aggregation of more', aggregate({ $match: {} }, { $limit: 5 }, { $lookup: { from: 'heads' } })],
    ['a transaction', command('insert', { startTransaction: true, autocommit: false })],
  ])('find %s', (_name, fault) => {
    expect(boundFaults(fault)).toHaveLength(1);
  });
});

describe('what a caller waits for', () => {
  test.each([
    ['a shard', find({ uid: 'u', k: { $gt: 5 } })],
    ['a few shards', command('find', { filter: { _id: { $in: ['u', 'v'] } } }, 'heads')],
    ['a name', command('find', { filter: { project: '-', name: 'q' } }, 'queues')],
  ])('may ask %s', (_name, allowed) => {
    expect(hotFaults(allowed)).toEqual([]);
  });

  test.each([
    ['every shard', find({ _id: 'm' })],
    ['a range of shards', find({ uid: { $gt: 'u' } })],
    ['all shards but one', update({ uid: { $ne: 'u' } })],
    ['a collection that is not known', command('find', { filter: { uid: 'u' } }, 'others')],
    ['a change of many documents', update({ uid: 'u' }, { multi: true })],
    ['a deletion of many documents', command('delete', { deletes: [{ q: { uid: 'u' }, limit: 0 }] })],
  ])('must not be %s', (_name, fault) => {
    expect(hotFaults(fault)).toHaveLength(1);
  });
});
