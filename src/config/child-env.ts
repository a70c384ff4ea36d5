import { processEnvironment, type LoadedConfig } from './load.js';
import { envName } from './option.js';
import { OPTION_KEYS, OPTIONS, type OptionKey } from './options.js';

type Environment = Record<string, string>;

/**
 * An environment that makes a child process load the same options, whatever becomes of the file meanwhile.
 * @param changes options that differ in the child
 */
export function childEnvironment(
  config: Pick<LoadedConfig, 'values'>,
  changes: Partial<Record<OptionKey, string>>,
): Environment {
  const env: Environment = {};
  for (const [name, value] of Object.entries(processEnvironment())) {
    if (value !== undefined && !name.startsWith('MARCONI_')) env[name] = value;
  }
  for (const key of OPTION_KEYS) {
    const value = changes[key] ?? config.values[key];
    if (value !== OPTIONS[key].default) env[envName(key, OPTIONS[key])] = String(value);
  }
  return env;
}
