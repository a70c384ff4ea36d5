import { printable } from '../../domain/printable.js';
import type { QueueCount, StorageCount } from './count.js';
import type { ToolReport } from './tools.js';

/** Tells the counts of a storage; `bytes` is null where the storage does not tell them. */
export function countReport(storage: string, bytes: number | null, count: StorageCount): ToolReport {
  const { projects, queues, messages, claimed, oldestSeconds, estimated, largest } = count;
  const totals = [
    `${projects} projects`,
    `${queues} queues`,
    `${estimated ? 'about ' : ''}${messages} messages (${claimed} claimed)`,
    ...(bytes === null ? [] : [`${bytes} bytes`]),
    ...(oldestSeconds === null ? [] : [`oldest message ${oldestSeconds} s old`]),
  ];
  const text = [`${storage}: ${totals.join(', ')}`, ...(largest.length > 0 ? table(largest) : [])].join('\n');
  return { text, data: { storage, bytes, ...count }, damaged: false };
}

const HEAD = ['messages', 'claimed', 'oldest', 'queue', 'project'];

function table(queues: readonly QueueCount[]): readonly string[] {
  const rows = [HEAD, ...queues.map(cells)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => `  ${row.map((cell, column) => aligned(cell, column, widths)).join('  ')}`.trimEnd());
}

function cells({ project, name, messages, claimed, oldestSeconds }: QueueCount): readonly string[] {
  const oldest = oldestSeconds === null ? '–' : `${oldestSeconds} s`;
  return [String(messages), String(claimed), oldest, name, project === null ? '(global)' : printable(project)];
}

/** Numbers to the right, names to the left. */
function aligned(cell: string, column: number, widths: readonly number[]): string {
  const width = widths[column] ?? 0;
  return column < 3 ? cell.padStart(width) : cell.padEnd(width);
}
