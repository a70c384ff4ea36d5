import type { Command } from 'commander';
import { configRows, configTable } from '../config/index.js';
import { addConfigFlags, commandConfig } from './config-flags.js';
import { print } from './output.js';

/** `marconi config`: prints every option, its value and where it came from; starts nothing. */
export function addConfigCommand(program: Command): void {
  const command = program.command('config').description('print every option, its value and where it came from');
  addConfigFlags(command)
    .option('--json', 'print JSON, with defaults, names and reasons')
    .action(() => {
      const config = commandConfig(command);
      print(
        command.getOptionValue('json') === true ? JSON.stringify(configRows(config), null, 2) : configTable(config),
      );
    });
}
