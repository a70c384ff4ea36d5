/** The configuration cannot be used: each problem names the option, where it came from, what was expected and what came. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
  }
}
