import { after, describe, it } from 'node:test';
import { describeStorage } from 'marconi/conformance';
import { factory } from '../dist/factory.js';

describeStorage('lmdb', factory, {
  runner: {
    describe: (name, body) => void describe(name, body),
    it: (name, body) => void it(name, body),
    afterAll: (body) => void after(body),
  },
});
