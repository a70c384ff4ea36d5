import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createFileRegistry, fromBinary, toBinary, type DescFile, type FileRegistry } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { status, type Server, type ServerDuplexStream, type ServiceDefinition } from '@grpc/grpc-js';
import {
  ServerReflectionService,
  type ServerReflectionRequest,
  type ServerReflectionResponse,
} from '../../gen/grpc/reflection/v1/reflection.js';
import { SERVICES } from '../dispatch.js';

const DESCRIPTORS = join(__dirname, '..', '..', 'gen', 'descriptors.binpb');
const HEALTH = 'grpc.health.v1.Health';

type MessageRequest = NonNullable<ServerReflectionRequest['messageRequest']>;
type MessageResponse = NonNullable<ServerReflectionResponse['messageResponse']>;

let registry: FileRegistry | undefined;

/** The contract's files, read once: every listener tells the same. */
function files(): FileRegistry {
  registry ??= createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(DESCRIPTORS)));
  return registry;
}

/** The file and all that it imports, itself first, as tools need them to make sense of it. */
function withImports(file: DescFile): Buffer[] {
  const found = new Set<DescFile>([file]);
  for (const each of found) for (const imported of each.dependencies) found.add(imported);
  return [...found].map(({ proto }) => Buffer.from(toBinary(FileDescriptorProtoSchema, proto)));
}

/** The file that declares a service, one of its methods, a message, an enum or an extension. */
function fileOf(symbol: string): DescFile | undefined {
  const owner = files().get(symbol) ?? files().getService(symbol.slice(0, symbol.lastIndexOf('.')));
  return owner?.file;
}

function asFiles(file: DescFile | undefined, what: string): MessageResponse {
  if (file) {
    const fileDescriptorProto = withImports(file);
    return { $case: 'fileDescriptorResponse', value: { fileDescriptorProto } };
  }
  return { $case: 'errorResponse', value: { errorCode: status.NOT_FOUND, errorMessage: `${what} is not known here.` } };
}

function extensionsOf(typeName: string): number[] {
  const known = [...files()].filter((desc) => desc.kind === 'extension');
  return known.filter((extension) => extension.extendee.typeName === typeName).map(({ number }) => number);
}

function answer(request: MessageRequest): MessageResponse {
  switch (request.$case) {
    case 'listServices': {
      const service = [...SERVICES, HEALTH].sort().map((name) => ({ name }));
      return { $case: 'listServicesResponse', value: { service } };
    }
    case 'fileByFilename':
      return asFiles(files().getFile(request.value.replace(/\.proto$/, '')), request.value);
    case 'fileContainingSymbol':
      return asFiles(fileOf(request.value), request.value);
    case 'fileContainingExtension': {
      const { containingType, extensionNumber } = request.value;
      const type = files().getMessage(containingType);
      const extension = type && files().getExtensionFor(type, extensionNumber);
      return asFiles(extension?.file, `extension ${extensionNumber} of ${containingType}`);
    }
    case 'allExtensionNumbersOfType': {
      const value = { baseTypeName: request.value, extensionNumber: extensionsOf(request.value) };
      return { $case: 'allExtensionNumbersResponse', value };
    }
  }
}

function reflect(call: ServerDuplexStream<ServerReflectionRequest, ServerReflectionResponse>): void {
  call.on('data', (originalRequest: ServerReflectionRequest) => {
    const { host, messageRequest } = originalRequest;
    const missing = { errorCode: status.INVALID_ARGUMENT, errorMessage: 'The request asks for nothing.' };
    const messageResponse: MessageResponse = messageRequest
      ? answer(messageRequest)
      : { $case: 'errorResponse', value: missing };
    if (call.write({ validHost: host, originalRequest, messageResponse })) return;
    // A client that asks and does not read is heard again once it has read.
    call.pause();
    call.once('drain', () => call.resume());
  });
  call.on('end', () => call.end());
}

/** The same service under the name that older tools ask for. */
function underOldName(): ServiceDefinition {
  const old = (path: string): string => path.replace('reflection.v1.', 'reflection.v1alpha.');
  const methods = Object.entries(ServerReflectionService).map(([name, row]) => [name, { ...row, path: old(row.path) }]);
  return Object.fromEntries(methods) as ServiceDefinition;
}

/**
 * Adds the standard reflection service, so that tools find the contract by asking. Written here because the library for
 * it, @grpc/reflection, tells all services of a package as one file without its imports, which tools cannot read.
 */
export function registerReflection(server: Server): void {
  server.addService(ServerReflectionService, { serverReflectionInfo: reflect });
  server.addService(underOldName(), { serverReflectionInfo: reflect });
}
