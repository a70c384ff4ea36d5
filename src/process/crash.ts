/** Tells of a fault that nothing caught, by `tell`, and ends the process with 1: what runs on after it is not to be trusted. */
export function exitOnCrash(tell: (fault: unknown, kind: string) => void): void {
  const end = (kind: string) => (fault: unknown) => {
    tell(fault, kind);
    process.exit(1);
  };
  process.on('uncaughtException', end('uncaught exception'));
  process.on('unhandledRejection', end('unhandled rejection'));
}
