import { Server, ServerCredentials, type sendUnaryData, type ServerUnaryCall } from '@grpc/grpc-js';

/** The baseline: a unary call that gives back the bytes it got, with nothing around it. Says its address on stdout. */
const same = (bytes: Buffer): Buffer => bytes;
const server = new Server({ 'grpc.enable_channelz': 0 });
const echo = (call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>): void => {
  callback(null, call.request);
};
server.register('/bench.Echo/Echo', echo, same, same, 'unary');
server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  process.stdout.write(`127.0.0.1:${port}\n`);
});
