import { Server } from '@grpc/grpc-js';
import { bind } from '../../../src/transport/grpc/bind.js';
import { http2ServersOf, setHttp2Options } from '../../../src/transport/grpc/http2.js';
import { MAX_CONNECTIONS } from '../../../src/transport/grpc/limits.js';

test('an address of another form is refused by name', async () => {
  await expect(bind(new Server(), 'nowhere', null)).rejects.toThrow('nowhere: expected HOST:PORT or unix:PATH');
});

test('port 0 gives the port that was bound, also on IPv6, and the connections are bounded', async () => {
  for (const host of ['127.0.0.1', '[::1]']) {
    const server = new Server();
    const address = await bind(server, `${host}:0`, null);
    expect(address).toMatch(/:[1-9]\d*$/);
    expect(address.startsWith(`${host}:`)).toBe(true);
    expect(http2ServersOf(server).map(({ maxConnections }) => maxConnections)).toEqual([MAX_CONNECTIONS]);
    server.forceShutdown();
  }
});

test('certificate files that are not there stop the start', async () => {
  const tls = { cert: '/no/such/cert.pem', key: '/no/such/key.pem' };
  await expect(bind(new Server(), '127.0.0.1:0', tls)).rejects.toThrow('/no/such/cert.pem');
});

test('another library inside stops the start rather than lose the limits', () => {
  expect(() => setHttp2Options({} as Server)).toThrow('@grpc/grpc-js is not the one');
});
