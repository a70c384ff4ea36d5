import { Option as CommandOption, type Command } from 'commander';
import type * as SqliteDriver from '../storage/drivers/sqlite/index.js';
import { databaseFile } from '../app/database-file.js';
import { addConfigFlags, commandConfig } from './config-flags.js';
import { ExitCode } from './exit-codes.js';
import { print } from './output.js';

/** `marconi storage check | backup | restore`: a SQLite storage's upkeep; check and backup also while a server runs. */
export function addStorageCommands(program: Command): void {
  const storage = program.command('storage').description('check, back up and restore a SQLite storage');
  addStorageCommand(storage, 'check', 'check the storage: integrity, counts, bounds', (sqlite, path) =>
    sqlite.checkSqlite(path),
  );
  addStorageCommand(
    storage,
    'backup <file>',
    'write a checked copy of the storage to a new file',
    (sqlite, path, file) => sqlite.backupSqlite(path, file),
  );
  addStorageCommand(storage, 'restore <file>', 'put a checked backup where no storage is', (sqlite, path, file) =>
    sqlite.restoreSqlite(file, path),
  );
}

type Sqlite = Pick<typeof SqliteDriver, 'checkSqlite' | 'backupSqlite' | 'restoreSqlite'>;

/** Works on the database at `path`; `file` is the command's argument, empty when it takes none. */
type Work = (sqlite: Sqlite, path: string, file: string) => SqliteDriver.CheckReport;

function addStorageCommand(storage: Command, usage: string, description: string, work: Work): void {
  const command = addConfigFlags(storage.command(usage).description(description), isOfStorage);
  command.addOption(new CommandOption('--json', 'print the report as JSON')).action(async () => {
    const path = databaseFile(commandConfig(command).settings.storage);
    const sqlite = await import('../storage/drivers/sqlite/index.js');
    const report = work(sqlite, path, command.args[0] ?? '');
    print(command.getOptionValue('json') === true ? JSON.stringify(report, null, 2) : reportText(report));
    if (report.problems.length > 0) process.exitCode = ExitCode.DAMAGED;
  });
}

const isOfStorage = (key: string): boolean => key === 'storage';

function reportText({ path, schemaVersion, queues, messages, bytes, problems }: SqliteDriver.CheckReport): string {
  const verdict = problems.length === 0 ? 'no fault found' : `${problems.length} faults found`;
  const counts = `${queues} queues, ${messages} messages, ${bytes} bytes, schema ${schemaVersion}`;
  return [`${path}: ${verdict} (${counts})`, ...problems.map((problem) => `  ${problem}`)].join('\n');
}
