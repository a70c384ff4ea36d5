import { credentials, Client, type ServiceError } from '@grpc/grpc-js';

/** One run asked for, on the command line as JSON. */
export interface LoadOrder {
  readonly address: string;
  /** The method's path. */
  readonly path: string;
  /** The encoded request, base64. */
  readonly request: string;
  readonly inFlight: number;
  readonly warmMs: number;
  readonly runMs: number;
}

/** What one run came to. */
export interface LoadResult {
  readonly perSecond: number;
  readonly failed: number;
  readonly p50: number;
  readonly p99: number;
}

const same = (bytes: Buffer): Buffer => bytes;

/** Keeps so many calls in flight; counts those that end within the run. */
async function run(order: LoadOrder): Promise<LoadResult> {
  const client = new Client(order.address, credentials.createInsecure());
  const request = Buffer.from(order.request, 'base64');
  const starts = performance.now() + order.warmMs;
  const ends = starts + order.runMs;
  const latencies: number[] = [];
  let failed = 0;

  const once = (): Promise<void> =>
    new Promise((resolve) => {
      const began = performance.now();
      client.makeUnaryRequest(order.path, same, same, request, (error: ServiceError | null) => {
        const now = performance.now();
        if (error) failed++;
        else if (now >= starts && now <= ends) latencies.push(now - began);
        resolve();
      });
    });
  const worker = async (): Promise<void> => {
    while (performance.now() < ends) await once();
  };
  await Promise.all(Array.from({ length: order.inFlight }, worker));
  client.close();
  latencies.sort((left, right) => left - right);
  const at = (share: number): number => latencies[Math.floor(latencies.length * share)] ?? NaN;
  return { perSecond: (latencies.length * 1000) / order.runMs, failed, p50: at(0.5), p99: at(0.99) };
}

const order = process.argv[2];
if (order !== undefined && require.main === module) {
  void run(JSON.parse(order) as LoadOrder).then((result) => {
    process.stdout.write(JSON.stringify(result));
  });
}
