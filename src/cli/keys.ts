import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { print } from './output.js';

/** `marconi keys NAME`: makes a CURVE key pair, for the server or for a client of the ZeroMQ door. */
export function addKeysCommand(program: Command): void {
  program
    .command('keys <name>')
    .description('make a CURVE key pair for ZeroMQ: NAME.secret and NAME.public')
    .action(async (name: string) => {
      const { makeKeyPair } = await import('../auth/curve/index.js');
      const { publicKey, secretKey } = makeKeyPair();
      write(`${name}.secret`, secretKey, 0o600);
      write(`${name}.public`, publicKey, 0o644);
      print(publicKey);
    });
}

/** Never over a file that is there: a key that is lost cannot be made again. */
function write(path: string, key: string, mode: number): void {
  writeFileSync(path, `${key}\n`, { flag: 'wx', mode });
}
