import { describeStorage } from '../../src/conformance/index.js';
import { memoryFactory } from '../support/storage-factories.js';

describeStorage('memory', memoryFactory);
