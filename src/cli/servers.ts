import type { Command } from 'commander';
import { runCore } from '../app/core-alone.js';
import { firstSteps } from '../app/first-steps.js';
import { runGateway } from '../app/gateway-alone.js';
import { readyLine, type Addresses } from '../app/ready.js';
import { serve } from '../app/serve.js';
import { addConfigFlags, commandConfig } from './config-flags.js';
import { print } from './output.js';

const printReady = (addresses: Addresses): void => print(readyLine(addresses));

/** `marconi serve`, `core` and `gateway`; each runs until it is stopped. */
export function addServerCommands(program: Command, commandFile: string): void {
  const both = addConfigFlags(program.command('serve').description('run a core and a gateway'));
  both.action(async () => {
    process.exitCode = await serve(commandConfig(both), commandFile, ({ addresses, restUrl }) => {
      printReady(addresses);
      print(['Try it:', ...firstSteps(restUrl).map((line) => `  ${line}`)].join('\n'));
    });
  });
  const core = addConfigFlags(program.command('core').description('run a core alone: gRPC over a storage'));
  core.action(async () => {
    process.exitCode = await runCore(commandConfig(core).settings, printReady);
  });
  const gateway = addConfigFlags(program.command('gateway').description('run a gateway alone: REST before a core'));
  gateway.action(async () => {
    process.exitCode = await runGateway(commandConfig(gateway).settings, printReady);
  });
}
