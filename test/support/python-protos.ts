import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const protos = join(__dirname, '../../proto');

/** Makes the Python code of the whole contract in a folder, with the protoc of grpcio-tools. */
export async function makePythonProtos(python: string, folder: string): Promise<void> {
  const files = readdirSync(protos, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.proto'));
  await promisify(execFile)(python, ['-m', 'grpc_tools.protoc', '-I', protos, `--python_out=${folder}`, ...files]);
}
