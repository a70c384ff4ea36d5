import { describeStorage } from '../../src/conformance/index.js';
import { sqliteFactory } from '../support/storage-factories.js';

describe.each(['inline', 'threads'] as const)('%s', (execution) => {
  describeStorage('sqlite', sqliteFactory(execution));
});
