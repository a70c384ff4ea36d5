import { Option as CommandOption, type Command } from 'commander';
import { ConfigError } from '../config/index.js';
import { redactUri } from '../domain/redact-uri.js';
import type { Account, CopyProgress, CopyReport } from '../storage/copy/index.js';
import { addConfigFlags, commandConfig } from './config-flags.js';
import { ExitCode } from './exit-codes.js';
import { complain, print } from './output.js';
import { ProgressLine } from './progress.js';

const DESCRIPTION = 'copy all projects into another storage, and compare both; run again, it goes on where it stopped';

/** Seconds between two lines of progress, where there is no terminal. */
const EVERY = { least: 0, usual: 5, most: 3_600 };

/** `marconi storage copy FROM TO`: moves everything from one storage to another. */
export function addCopyCommand(storage: Command): void {
  const command = addConfigFlags(storage.command('copy <from> <to>').description(DESCRIPTION), concernsCopy);
  command
    .addOption(new CommandOption('--json', 'print the report as JSON'))
    .option('--progress-every <seconds>', 'time between two lines of progress without a terminal', String(EVERY.usual))
    .action(async (from: string, to: string) => {
      const progress = new ProgressLine(process.stderr, everyMs(command));
      const report = await run(command, from, to, progress);
      const isJson = command.getOptionValue('json') === true;
      print(isJson ? JSON.stringify(dataOf(report, from, to), null, 2) : textOf(report, from, to));
      if (!report.identical) process.exitCode = ExitCode.DAMAGED;
    });
}

const concernsCopy = (key: string): boolean => key.startsWith('sqlite.') || key.startsWith('mongodb.');

async function run(command: Command, from: string, to: string, line: ProgressLine): Promise<CopyReport> {
  const { settings } = commandConfig(command);
  const { copy } = await import('../app/copy.js');
  let begun = false;
  const onProgress = (progress: CopyProgress): void => {
    begun = true;
    line.show(progress);
  };
  try {
    const report = await copy(settings, from, to, onProgress);
    line.end();
    return report;
  } catch (error) {
    line.end();
    if (begun) complain('marconi: the copy is not complete: the same command goes on where this one stopped');
    throw error;
  }
}

function everyMs(command: Command): number {
  const text = String(command.getOptionValue('progressEvery'));
  const seconds = text.trim() === '' ? NaN : Number(text);
  if (seconds >= EVERY.least && seconds <= EVERY.most) return seconds * 1_000;
  throw new ConfigError([`--progress-every: expected ${EVERY.least} to ${EVERY.most} seconds, got ${text}`]);
}

function textOf(report: CopyReport, from: string, to: string): string {
  const { source, target, identical, copied, found, differing, others } = report;
  return [
    `from ${redactUri(from)}: ${accountText(source)}`,
    `to   ${redactUri(to)}: ${accountText(target)}`,
    `${identical ? 'identical' : 'DIFFERENT'}: ${copied} messages copied now, ${found} by earlier runs`,
    ...differing.map((label) => `  ${label} is missing or different`),
    ...(others > 0 ? [`${others} more queues are in the target only`] : []),
  ].join('\n');
}

function accountText({ queues, messages, claimed, keys, checksum }: Account): string {
  return `${queues} queues, ${messages} messages (${claimed} claimed), ${keys} producer records, checksum ${checksum}`;
}

function dataOf({ source, target, ...report }: CopyReport, from: string, to: string): object {
  const ends = { from: { storage: redactUri(from), ...source }, to: { storage: redactUri(to), ...target } };
  return { ...ends, ...report };
}
