import type { Command } from 'commander';
import { packageVersion } from '../process/version.js';
import { print } from './output.js';

/** `marconi version`: the versions of Marconi and of Node.js. */
export function addVersionCommand(program: Command): void {
  program
    .command('version')
    .description('print the version')
    .option('--json', 'print JSON')
    .action((options: { json?: boolean }) => {
      const versions = { marconi: packageVersion(), node: process.versions.node };
      print(options.json ? JSON.stringify(versions) : `marconi ${versions.marconi} (Node.js ${versions.node})`);
    });
}
