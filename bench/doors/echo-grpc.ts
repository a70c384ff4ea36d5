import {
  Server,
  ServerCredentials,
  type sendUnaryData,
  type ServerDuplexStream,
  type ServerUnaryCall,
} from '@grpc/grpc-js';

/** The ceilings of the gRPC door: a call and a stream that give back the bytes they got. Says its address on stdout. */
const same = (bytes: Buffer): Buffer => bytes;
const server = new Server({ 'grpc.enable_channelz': 0 });
const echo = (call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>): void => {
  callback(null, call.request);
};
const echoStream = (call: ServerDuplexStream<Buffer, Buffer>): void => {
  call.on('data', (bytes: Buffer) => call.write(bytes));
  call.on('end', () => call.end());
};
server.register('/bench.Echo/Echo', echo, same, same, 'unary');
server.register('/bench.Echo/EchoStream', echoStream, same, same, 'bidi');
server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  process.stdout.write(`127.0.0.1:${port}\n`);
});
