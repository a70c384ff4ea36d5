import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { FileDescriptorSet } from '../../../src/gen/google/protobuf/descriptor.js';
import { DISPATCH, METHODS, rowOf, SERVICES } from '../../../src/transport/dispatch.js';

const ROOT = join(__dirname, '..', '..', '..');
const DESCRIPTORS = join(ROOT, 'src', 'gen', 'descriptors.binpb');

test('every rpc of the contract has one row, and no other has', () => {
  const { file } = FileDescriptorSet.decode(readFileSync(DESCRIPTORS));
  const rpcs = file
    .filter((each) => each.package === 'marconi.v1')
    .flatMap((each) =>
      each.service.flatMap(({ name, method }) => method.map((rpc) => `marconi.v1.${name}/${rpc.name}`)),
    );
  expect([...METHODS]).toEqual(rpcs.sort());
});

test('a row as the contract has it', () => {
  const { requestCodec, responseCodec, ...row } = DISPATCH['marconi.v1.MessageService/PostMessages'];
  expect(row).toEqual({
    path: '/marconi.v1.MessageService/PostMessages',
    service: 'marconi.v1.MessageService',
    name: 'PostMessages',
    kind: 'unary',
    right: 'post',
    cost: 4,
    limitClass: 'intake',
    auditClass: 'none',
    doors: ['grpc', 'rest', 'zmq'],
    request: 'marconi.v1.PostMessagesRequest',
    response: 'marconi.v1.PostMessagesResponse',
  });
  const request = requestCodec.fromPartial({ queue: 'q' });
  expect(requestCodec.decode(requestCodec.encode(request).finish())).toEqual(request);
  expect(responseCodec.decode(new Uint8Array())).toMatchObject({ ids: [] });
});

test('methods that change nothing are never intake, and all are offered over gRPC, unary ones also over ZeroMQ', () => {
  const rows = METHODS.map(rowOf);
  expect(rows.filter(({ right, limitClass }) => right === 'read' && limitClass !== 'read')).toEqual([]);
  expect(rows.filter(({ doors }) => !doors.includes('grpc'))).toEqual([]);
  expect(rows.filter(({ kind, doors }) => (kind === 'unary') !== doors.includes('zmq'))).toEqual([]);
  expect([...SERVICES].sort()).toEqual(
    ['Admin', 'Auth', 'Claim', 'Delivery', 'Message', 'Queue'].map((n) => `marconi.v1.${n}Service`),
  );
});

test('the generator fails by name when an rpc has no row', () => {
  const folder = mkdtempSync(join(tmpdir(), 'marconi-dispatch-'));
  // This decoder keeps the options of the other methods, which are extensions.
  const set = fromBinary(FileDescriptorSetSchema, readFileSync(DESCRIPTORS));
  const method = set.file.find(({ name }) => name === 'marconi/v1/auth.proto')!.service[0]!.method[0]!;
  delete method.options;
  writeFileSync(join(folder, 'descriptors.binpb'), toBinary(FileDescriptorSetSchema, set));
  const script = join(ROOT, 'scripts', 'gen-dispatch.mjs');
  const broken = spawnSync(process.execPath, [script, folder], { encoding: 'utf8' });
  expect(broken.status).not.toBe(0);
  expect(broken.stderr).toContain('marconi.v1.AuthService/Authenticate has no (marconi.v1.dispatch) option');
  cpSync(DESCRIPTORS, join(folder, 'descriptors.binpb'));
  expect(spawnSync(process.execPath, [script, folder]).status).toBe(0);
  expect(readFileSync(join(folder, 'dispatch.ts'), 'utf8')).toBe(
    readFileSync(join(ROOT, 'src', 'gen', 'dispatch.ts'), 'utf8'),
  );
  rmSync(folder, { recursive: true });
});
