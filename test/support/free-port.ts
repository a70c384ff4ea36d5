import { createServer, type AddressInfo } from 'node:net';

/** A port of the loopback that nobody listens on now. Where the server can listen on port 0, do that instead. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
