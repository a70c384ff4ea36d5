import type { CheckReport, InitReport } from '../../storage/drivers/sqlite/index.js';
import * as sqlite from '../../storage/drivers/sqlite/index.js';
import { countReport } from './count-report.js';
import { countStorage } from './count.js';
import type { StorageTools, ToolReport } from './tools.js';

/** The upkeep of a SQLite database. */
export function sqliteTools(path: string): StorageTools {
  return {
    check: async () => checkReport(sqlite.checkSqlite(path)),
    init: async () => initReport(sqlite.initSqlite(path)),
    stats: (largest) => stats(path, largest),
    files: {
      backup: async (file) => checkReport(sqlite.backupSqlite(path, file)),
      restore: async (file) => checkReport(sqlite.restoreSqlite(file, path)),
    },
  };
}

function checkReport(report: CheckReport): ToolReport {
  const { path, schemaVersion, queues, messages, bytes, problems } = report;
  const verdict = problems.length === 0 ? 'no fault found' : `${problems.length} faults found`;
  const counts = `${queues} queues, ${messages} messages, ${bytes} bytes, schema ${schemaVersion}`;
  const text = [`${path}: ${verdict} (${counts})`, ...problems.map((problem) => `  ${problem}`)].join('\n');
  return { text, data: report, damaged: problems.length > 0 };
}

function initReport(report: InitReport): ToolReport {
  return { text: `${report.path}: ${initText(report)}`, data: report, damaged: false };
}

function initText({ existed, schemaBefore, schemaVersion }: InitReport): string {
  if (!existed) return `created, with schema ${schemaVersion}`;
  if (schemaBefore === schemaVersion) return `has schema ${schemaVersion} already, nothing was changed`;
  return `brought from schema ${schemaBefore} to ${schemaVersion}`;
}

async function stats(path: string, largest: number): Promise<ToolReport> {
  const view = sqlite.viewSqlite(path);
  try {
    const count = await countStorage(
      {
        now: view.now,
        queues: async (after, limit) => view.queues(after, limit),
        stats: async (queue) => view.stats(queue),
      },
      largest,
    );
    return countReport(path, view.bytes, count);
  } finally {
    view.close();
  }
}
