import { envName, flagName, shownValue, type Option } from './option.js';
import { OPTION_KEYS, OPTIONS } from './options.js';
import type { LoadedConfig } from './load.js';

/** One option as it is set. */
export interface ConfigRow {
  readonly key: string;
  readonly value: string | number | boolean;
  readonly origin: string;
  readonly default: string | number | boolean;
  readonly unit: string;
  readonly flag: string;
  readonly variable: string;
  readonly reason: string;
}

/** Every option with its value, secrets left out, and where it came from, in the order of the table. */
export function configRows(config: LoadedConfig): readonly ConfigRow[] {
  return OPTION_KEYS.map((key) => {
    const option = OPTIONS[key] as Option;
    return {
      key,
      value: shownValue(option, config.values[key]),
      origin: config.origins[key],
      default: option.default,
      unit: option.unit,
      flag: flagName(key, option),
      variable: envName(key, option),
      reason: option.reason,
    };
  });
}

/** A table for people: key, value, unit, origin. */
export function configTable(config: LoadedConfig): string {
  const rows = configRows(config).map(({ key, value, unit, origin }) => [key, shown(value), unit, origin]);
  const cells = [['option', 'value', 'unit', 'from'], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const shown = (value: string | number | boolean): string => (value === '' ? '-' : String(value));
