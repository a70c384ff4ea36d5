import { ConfigError } from './config-error.js';
import { crossChecks } from './cross-checks.js';
import { readConfigFile } from './file.js';
import { envName, shownValue, type Option, type OptionValue } from './option.js';
import { OPTION_KEYS, OPTIONS, type OptionKey, type OptionValues } from './options.js';
import type { Settings } from './settings.js';
import { toSettings } from './to-settings.js';

/** Where options may come from. */
export interface ConfigSources {
  /** The file named on the command line; `MARCONI_CONFIG` counts when it is absent. */
  readonly file?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What the command line gave, by key. */
  readonly flags: ReadonlyMap<OptionKey, { readonly name: string; readonly value: string }>;
}

/** A configuration that can be used. */
export interface LoadedConfig {
  readonly settings: Settings;
  readonly values: OptionValues;
  /** Where each value came from: `default`, `FILE:LINE`, the variable's or the flag's name. */
  readonly origins: Readonly<Record<OptionKey, string>>;
}

/** One value that a source gave. */
interface Given {
  readonly value: unknown;
  readonly origin: string;
}

/** The variable that names the configuration file. */
export const CONFIG_FILE_VARIABLE = 'MARCONI_CONFIG';

const MAX_SHOWN = 60;

/** The process's environment, for `loadConfig`. */
export function processEnvironment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}

/**
 * Puts the options together: default < file < environment < command line.
 * @throws ConfigError naming every unknown or ill-typed option, where it came from, what was expected and what came
 */
export function loadConfig(sources: ConfigSources): LoadedConfig {
  const problems: string[] = [];
  const given = new Map<OptionKey, Given>();
  for (const layer of [fromFile(sources, problems), fromEnvironment(sources.env, problems), fromFlags(sources)]) {
    for (const [key, value] of layer) given.set(key, value);
  }
  const values: Record<string, OptionValue> = {};
  const origins: Record<string, string> = {};
  for (const key of OPTION_KEYS) {
    const value = given.get(key);
    values[key] = value === undefined ? OPTIONS[key].default : checked(key, value, problems);
    origins[key] = value?.origin ?? 'default';
  }
  const loaded = { values: values as OptionValues, origins: origins as Record<OptionKey, string> };
  if (problems.length === 0) problems.push(...crossChecks(loaded));
  if (problems.length > 0) throw new ConfigError(problems);
  return { ...loaded, settings: toSettings(loaded.values) };
}

function isOptionKey(key: string): key is OptionKey {
  return Object.hasOwn(OPTIONS, key);
}

function fromFile(sources: ConfigSources, problems: string[]): Map<OptionKey, Given> {
  const found = new Map<OptionKey, Given>();
  const path = sources.file ?? sources.env[CONFIG_FILE_VARIABLE];
  if (path === undefined || path === '') return found;
  for (const { key, value, origin } of readConfigFile(path)) {
    if (!isOptionKey(key)) problems.push(`unknown option ${key} (from ${origin})`);
    else if (found.has(key)) problems.push(`${key} stands twice in the file (${origin})`);
    else found.set(key, { value, origin });
  }
  return found;
}

const KEY_BY_VARIABLE = new Map(OPTION_KEYS.map((key) => [envName(key, OPTIONS[key] as Option), key]));

function fromEnvironment(env: ConfigSources['env'], problems: string[]): Map<OptionKey, Given> {
  const found = new Map<OptionKey, Given>();
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith('MARCONI_') || name === CONFIG_FILE_VARIABLE || text === undefined) continue;
    const key = KEY_BY_VARIABLE.get(name);
    if (key === undefined) problems.push(`unknown option ${name} (from the environment)`);
    else found.set(key, { value: fromText(OPTIONS[key].default, text), origin: name });
  }
  return found;
}

function fromFlags(sources: ConfigSources): Map<OptionKey, Given> {
  const found = new Map<OptionKey, Given>();
  for (const [key, { name, value }] of sources.flags) {
    found.set(key, { value: fromText(OPTIONS[key].default, value), origin: name });
  }
  return found;
}

/** A text as the type that the option has; as it is when it cannot be read as that, for the schema to refuse. */
function fromText(kind: OptionValue, text: string): OptionValue {
  if (typeof kind === 'number' && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (typeof kind === 'boolean' && /^(true|false)$/.test(text)) return text === 'true';
  return text;
}

function checked(key: OptionKey, given: Given, problems: string[]): OptionValue {
  const option = OPTIONS[key] as Option;
  const result = option.schema.safeParse(given.value);
  if (result.success) return result.data;
  const unit = typeof option.default === 'number' ? ` (${option.unit})` : '';
  problems.push(
    `${key} (from ${given.origin}): expected ${option.expected}${unit}, got ${shown(shownValue(option, given.value))}`,
  );
  return option.default;
}

function shown(value: unknown): string {
  const json = JSON.stringify(value) ?? String(value);
  return json.length <= MAX_SHOWN ? json : `${json.slice(0, MAX_SHOWN)}…`;
}
