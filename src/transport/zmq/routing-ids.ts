import { randomBytes } from 'node:crypto';
import koffi from 'koffi';

/**
 * Makes the routing ids that a ROUTER gives to its connections unguessable. libzmq (4.3.5) counts them up from what the
 * C library's `rand` gives, which it leaves unseeded, so that every process began at the same one; and a client that
 * speaks ZMTP by hand may choose any. With the id that is given next it would end the process, with that of a connection
 * that broke it would get the answers that are on their way there. To be called before a router is made.
 * Throws where the C library has no such function.
 */
export function seedRoutingIds(): void {
  const srand = koffi.load(null).func('void srand(unsigned int)') as (seed: number) => void;
  srand(randomBytes(4).readUInt32LE());
}
