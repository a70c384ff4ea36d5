import { claims } from './areas/claims.js';
import { controlStore } from './areas/control.js';
import { deletion } from './areas/deletion.js';
import { expiry } from './areas/expiry.js';
import { incarnations } from './areas/incarnations.js';
import { listing } from './areas/listing.js';
import { opening } from './areas/opening.js';
import { posting } from './areas/posting.js';
import { producerKeys } from './areas/producer-keys.js';
import { statistics } from './areas/statistics.js';
import type { StorageFactory, StorageUnderTest } from './factory.js';
import { Kit } from './kit.js';

const AREAS = [controlStore, incarnations, posting, producerKeys, listing, claims, deletion, statistics, expiry];

/**
 * The rules that every storage keeps, written against the ports alone: semantics sections 1 to 8 and 11, and the
 * promises of the ports themselves. Every driver runs this same suite, once left unswept and once swept after every
 * step in time, since sweeping must never be seen. Runs under Jest's globals.
 */
export function describeStorage(name: string, factory: StorageFactory): void {
  describe(`storage ${name}`, () => {
    describe('opening', () => opening(factory));
    describe.each([
      ['unswept', false],
      ['swept', true],
    ])('%s', (_, swept) => {
      let made: StorageUnderTest;
      let kit: Kit;
      beforeAll(async () => {
        made = await factory.create();
        kit = new Kit(made.storage, swept);
      });
      beforeEach(() => kit.toWholeSecond());
      afterAll(() => made.dispose());
      for (const area of AREAS) area(() => kit);
    });
  });
}
