import type { DoorAddresses } from '../../support/load/ways.js';

/** What a client in a process of its own is told: where the node is, that it is gone, and that it is time to end. */
export type News =
  { readonly kind: 'up'; readonly addresses: DoorAddresses } | { readonly kind: 'down' } | { readonly kind: 'stop' };
