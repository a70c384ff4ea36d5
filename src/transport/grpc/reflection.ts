import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Server } from '@grpc/grpc-js';
import { loadFileDescriptorSetFromBuffer, loadSync, type PackageDefinition } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { protoPath as healthProto } from 'grpc-health-check';

const DESCRIPTORS = join(__dirname, '..', '..', 'gen', 'descriptors.binpb');

let description: PackageDefinition | undefined;

/** The contract and the health service, read once: every listener tells the same. */
function describeServices(): PackageDefinition {
  description ??= {
    ...loadFileDescriptorSetFromBuffer(readFileSync(DESCRIPTORS)),
    ...loadSync(healthProto),
  };
  return description;
}

/** Adds the standard reflection service, so that tools find the contract by asking. */
export function registerReflection(server: Server): void {
  new ReflectionService(describeServices()).addToServer(server);
}
