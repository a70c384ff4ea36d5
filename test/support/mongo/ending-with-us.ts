/** How a process is run. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
}

/** The same command, killed by the system when this process ends: no server outlives a test run that was killed. */
export function endingWithUs({ file, args }: Command): Command {
  return { file: 'setpriv', args: ['--pdeathsig', 'KILL', file, ...args] };
}
