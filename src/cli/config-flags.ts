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

/** Gives the command a flag for every option (its help shows those that concern it), and `--config FILE`. */
export function addConfigFlags(command: Command, concerns: (key: OptionKey) => boolean = () => true): Command {
  command.option('--config <file>', 'configuration file, YAML or JSON (MARCONI_CONFIG)');
  for (const key of OPTION_KEYS) command.addOption(commandOption(key).hideHelp(!concerns(key)));
  return command;
}

/** The configuration that the command's flags, the environment and the file make. Throws ConfigError. */
export function commandConfig(command: Command): LoadedConfig {
  const flags = new Map<OptionKey, { name: string; value: string }>();
  for (const key of OPTION_KEYS) {
    const option = commandOption(key);
    const name = option.attributeName();
    if (command.getOptionValueSource(name) !== 'cli') continue;
    flags.set(key, { name: option.long ?? key, value: String(command.getOptionValue(name)) });
  }
  const file = command.getOptionValue('config') as string | undefined;
  return loadConfig({ env: processEnvironment(), flags, ...(file === undefined ? {} : { file }) });
}
