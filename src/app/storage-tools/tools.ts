/** What a command found or did. */
export interface ToolReport {
  /** For people: a line or several. */
  readonly text: string;
  /** The same for programs. */
  readonly data: object;
  /** True when the storage was found damaged, or lacking what it needs. */
  readonly damaged: boolean;
}

/**
 * The upkeep of one storage. Each method opens the storage for itself and rejects with STORAGE_UNAVAILABLE, and what to
 * do, when it cannot be opened.
 */
export interface StorageTools {
  /** Looks at everything and changes nothing; also while servers use the storage. */
  check(): Promise<ToolReport>;
  /** Creates what the storage needs, where it is not there already. */
  init(): Promise<ToolReport>;
  /** Counts, with the `largest` queues one by one; also while servers use the storage. */
  stats(largest: number): Promise<ToolReport>;
  /** Backup and restore into and from a file; null where the storage's own tools do that. */
  readonly files: BackupFiles | null;
}

/** Backup and restore by file. */
export interface BackupFiles {
  /** Writes a checked copy of the storage to a new file; also while a server uses the storage. */
  backup(file: string): Promise<ToolReport>;
  /** Puts a checked backup where no storage is. */
  restore(file: string): Promise<ToolReport>;
}
