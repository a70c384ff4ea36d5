import { Option as CommandOption, type Command } from 'commander';
import type { BackupFiles, StorageTools, ToolReport } from '../app/storage-tools/index.js';
import { ConfigError } from '../config/index.js';
import { addConfigFlags, commandConfig } from './config-flags.js';
import { ExitCode } from './exit-codes.js';
import { print } from './output.js';
import { addCopyCommand } from './storage-copy.js';

/** `marconi storage …`: the upkeep of a storage; check, stats and backup also while a server runs. */
export function addStorageCommands(program: Command): void {
  const storage = program.command('storage').description('check, prepare, count, copy, back up and restore a storage');
  addStorageCommand(storage, 'check', 'check the storage: whether it is whole, and has what it needs', (tools) =>
    tools.check(),
  );
  addStorageCommand(storage, 'init', 'create what the storage needs and has not yet', (tools) => tools.init());
  const stats = addStorageCommand(storage, 'stats', 'count projects, queues and messages', (tools, command) =>
    tools.stats(largestOf(command)),
  );
  stats.option('--limit <queues>', 'queues that are told one by one, the largest first', String(LARGEST.usual));
  addStorageCommand(storage, 'backup <file>', 'write a checked copy of the storage to a new file', (tools, command) =>
    filesOf(tools).backup(command.args[0] ?? ''),
  );
  addStorageCommand(storage, 'restore <file>', 'put a checked backup where no storage is', (tools, command) =>
    filesOf(tools).restore(command.args[0] ?? ''),
  );
  addCopyCommand(storage);
}

/** Queues that `stats` tells one by one. */
const LARGEST = { usual: 10, most: 10_000 };

type Work = (tools: StorageTools, command: Command) => Promise<ToolReport>;

function addStorageCommand(storage: Command, usage: string, description: string, work: Work): Command {
  const command = addConfigFlags(storage.command(usage).description(description), isOfStorage);
  return command.addOption(new CommandOption('--json', 'print the report as JSON')).action(async () => {
    const { storageTools } = await import('../app/storage-tools/index.js');
    const report = await work(await storageTools(commandConfig(command).settings), command);
    print(command.getOptionValue('json') === true ? JSON.stringify(report.data, null, 2) : report.text);
    if (report.damaged) process.exitCode = ExitCode.DAMAGED;
  });
}

const isOfStorage = (key: string): boolean => key === 'storage' || key.startsWith('mongodb.');

function largestOf(command: Command): number {
  const text = String(command.getOptionValue('limit'));
  const limit = Number(text);
  if (/^\d+$/.test(text) && limit <= LARGEST.most) return limit;
  throw new ConfigError([`--limit: expected 0 to ${LARGEST.most} queues, got ${text}`]);
}

function filesOf({ files }: StorageTools): BackupFiles {
  if (files) return files;
  throw new ConfigError(['storage: only a SQLite file is backed up so: use the tools of the database server']);
}
