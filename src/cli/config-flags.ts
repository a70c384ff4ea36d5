import { Option as CommandOption, type Command } from 'commander';
import { flagName, loadConfig, OPTION_KEYS, OPTIONS, processEnvironment } from '../config/index.js';
import type { LoadedConfig, Option, OptionKey } from '../config/index.js';

/** One option of the configuration as commander knows it. */
function commandOption(key: OptionKey): CommandOption {
  const option: Option = OPTIONS[key];
  const unit = option.unit === '' ? '' : ` [${option.unit}]`;
  const isFlag = typeof option.default === 'boolean';
  const value = isFlag ? '[true|false]' : '<value>';
  const made = new CommandOption(`${flagName(key, option)} ${value}`, `${option.reason}${unit}`);
  return isFlag ? made.preset('true') : made;
}

const COMMAND_OPTIONS = new Map(OPTION_KEYS.map((key) => [key, commandOption(key)]));

/** Gives the command a flag for every option, and `--config FILE`. */
export function addConfigFlags(command: Command): Command {
  command.option('--config <file>', 'configuration file, YAML or JSON (MARCONI_CONFIG)');
  for (const option of COMMAND_OPTIONS.values()) command.addOption(option);
  return command;
}

/** The configuration that the command's flags, the environment and the file make. Throws ConfigError. */
export function commandConfig(command: Command): LoadedConfig {
  const flags = new Map<OptionKey, { name: string; value: string }>();
  for (const [key, option] of COMMAND_OPTIONS) {
    const name = option.attributeName();
    if (command.getOptionValueSource(name) !== 'cli') continue;
    flags.set(key, { name: option.long ?? key, value: String(command.getOptionValue(name)) });
  }
  const file = command.getOptionValue('config') as string | undefined;
  return loadConfig({ env: processEnvironment(), flags, ...(file === undefined ? {} : { file }) });
}
