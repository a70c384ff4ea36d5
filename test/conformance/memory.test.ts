import { openMemory } from '../../src/storage/drivers/memory/index.js';
import { describeStorage } from '../../src/conformance/index.js';

describeStorage('memory', {
  create: async () => {
    const storage = openMemory();
    return { storage, reopen: null, dispose: () => storage.close() };
  },
});
