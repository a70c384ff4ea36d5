/** What the `marconi` command's exit code says; `docs/operate/install.md` lists them. */
export const ExitCode = {
  /** Done; for a server: stopped as asked. */
  OK: 0,
  /** It could not be done, or a server failed while it ran. */
  FAILED: 1,
  /** The command line or the configuration is wrong; nothing was begun. */
  USAGE: 2,
  /** `storage check` found damage, or `storage copy` two storages that differ. */
  DAMAGED: 3,
} as const;
