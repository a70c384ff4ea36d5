import { Agent, request } from 'node:http';

/** One run asked for, on the command line as JSON. */
export interface LoadOrder {
  /** The queue's messages: `http://HOST:PORT/v1/queues/NAME/messages`. */
  readonly url: string;
  readonly body: string;
  readonly inFlight: number;
  readonly warmMs: number;
  readonly runMs: number;
}

const CLIENT_ID = '3381af92-2b9e-11e3-b191-71861300734c';

/** Posts once; true when it was stored. */
function post(order: LoadOrder, agent: Agent): Promise<boolean> {
  const headers = {
    'Client-ID': CLIENT_ID,
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(order.body),
  };
  return new Promise((resolve) => {
    const outgoing = request(order.url, { method: 'POST', agent, headers }, (answer) => {
      answer.resume();
      answer.once('end', () => resolve(answer.statusCode === 201));
    });
    outgoing.once('error', () => resolve(false));
    outgoing.end(order.body);
  });
}

/** Keeps so many posts in flight; prints the times in ms of those stored within the run, and how many failed. */
async function run(order: LoadOrder): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: order.inFlight });
  const starts = performance.now() + order.warmMs;
  const ends = starts + order.runMs;
  const times: number[] = [];
  let failed = 0;
  const worker = async (): Promise<void> => {
    while (performance.now() < ends) {
      const began = performance.now();
      const stored = await post(order, agent);
      const now = performance.now();
      if (!stored) failed++;
      else if (now >= starts && now <= ends) times.push(now - began);
    }
  };
  await Promise.all(Array.from({ length: order.inFlight }, worker));
  agent.destroy();
  process.stdout.write(JSON.stringify({ times, failed }));
}

void run(JSON.parse(process.argv[2] ?? '') as LoadOrder);
