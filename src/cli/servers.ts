import type { Command } from 'commander';
import { firstSteps } from '../app/first-steps.js';
import { readyLine, type Addresses } from '../app/ready.js';
import { addConfigFlags, commandConfig } from './config-flags.js';
import { print } from './output.js';

const printReady = (addresses: Addresses): void => print(readyLine(addresses));

/** `marconi serve`, `core` and `gateway`; each runs until it is stopped, and loads only what it runs. */
export function addServerCommands(program: Command, commandFile: string): void {
  const both = addConfigFlags(program.command('serve').description('run a core and a gateway'));
  both.action(async () => {
    const config = commandConfig(both);
    const { serve } = await import('../app/serve.js');
    process.exitCode = await serve(config, commandFile, ({ addresses, restUrl }) => {
      const steps = firstSteps(restUrl).map((line) => `  ${line}`);
      print([readyLine(addresses), 'Try it:', ...steps].join('\n'));
    });
  });
  const core = addConfigFlags(program.command('core').description('run a core alone: gRPC and ZeroMQ over a storage'));
  core.action(async () => {
    const { settings } = commandConfig(core);
    const { runCore } = await import('../app/core-alone.js');
    process.exitCode = await runCore(settings, printReady);
  });
  const gateway = addConfigFlags(program.command('gateway').description('run a gateway alone: REST before a core'));
  gateway.action(async () => {
    const { settings } = commandConfig(gateway);
    const { runGateway } = await import('../app/gateway-alone.js');
    process.exitCode = await runGateway(settings, printReady);
  });
}
