import { Command, CommanderError } from 'commander';
import { ConfigError } from '../config/index.js';
import { MarconiError } from '../errors/marconi-error.js';
import { addConfigCommand } from './config.js';
import { addConformanceCommand } from './conformance.js';
import { ExitCode } from './exit-codes.js';
import { complain } from './output.js';
import { addKeysCommand } from './keys.js';
import { addServerCommands } from './servers.js';
import { addStorageCommands } from './storage.js';
import { addVersionCommand } from './version.js';

/** The `marconi` command with all it can do. */
function program(commandFile: string): Command {
  const marconi = new Command('marconi')
    .description('Multi-tenant message queue: core for gRPC and ZeroMQ, REST gateway.')
    .showHelpAfterError('(marconi --help tells more)')
    .exitOverride();
  addServerCommands(marconi, commandFile);
  addConfigCommand(marconi);
  addStorageCommands(marconi);
  addConformanceCommand(marconi);
  addKeysCommand(marconi);
  addVersionCommand(marconi);
  return marconi;
}

/**
 * Runs the command line and answers the exit code (`exit-codes.ts`); what went wrong is told on standard error.
 * A server's command resolves when the server has stopped.
 * @param commandFile the file that was run, to start processes of it
 */
export async function runCommand(args: readonly string[], commandFile: string): Promise<number> {
  try {
    process.exitCode = ExitCode.OK;
    await program(commandFile).parseAsync(args, { from: 'user' });
    return Number(process.exitCode);
  } catch (error) {
    return told(error);
  }
}

function told(error: unknown): number {
  // Commander has told its own errors by now; asking for help is none.
  if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.OK : ExitCode.USAGE;
  if (error instanceof ConfigError) {
    for (const problem of error.problems) complain(`marconi: ${problem}`);
    return ExitCode.USAGE;
  }
  complain(`marconi: ${error instanceof MarconiError ? `${error.reason}: ` : ''}${(error as Error).message}`);
  return ExitCode.FAILED;
}
