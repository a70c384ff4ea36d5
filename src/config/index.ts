export { childEnvironment } from './child-env.js';
export { ConfigError } from './config-error.js';
export { CONFIG_FILE_VARIABLE, loadConfig, processEnvironment, type ConfigSources, type LoadedConfig } from './load.js';
export { envName, flagName, type Option } from './option.js';
export { OPTION_KEYS, OPTIONS, type OptionKey } from './options.js';
export { configRows, configTable } from './print.js';
export type { Settings } from './settings.js';
