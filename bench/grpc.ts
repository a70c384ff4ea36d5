import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { PostMessagesRequest } from '../src/gen/marconi/v1/messages.js';
import type { LoadOrder, LoadResult } from './grpc/load.js';
import { machineFacts } from './support/machine.js';
import { median } from './support/samples.js';
import { Verdict } from './support/verdict.js';

/**
 * PostMessages of one message of 1 KiB against a unary echo of the same bytes, in turns in one run, since a figure alone
 * says more about the machine than about the door. Server and load each have a process; both share the processors.
 * Bar: posts reach 40 % of the echo's rate.
 */
const LEAST_RATIO = 0.4;

const { values } = parseArgs({
  options: {
    storage: { type: 'string', default: 'sqlite' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    'in-flight': { type: 'string', default: '64' },
  },
});

interface Running {
  readonly address: string;
  readonly child: ChildProcess;
}

const script = (name: string): string[] => [...process.execArgv, join(__dirname, 'grpc', `${name}${extension()}`)];
const extension = (): string => __filename.slice(-3);

function start(name: string, ...args: string[]): Promise<Running> {
  const child = spawn(process.execPath, [...script(name), ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code}`)));
    child.stdout.once('data', (line: Buffer) => resolve({ address: line.toString().trim(), child }));
  });
}

async function load(running: Running, path: string, request: string): Promise<LoadResult> {
  const runMs = Number(values.seconds) * 1000;
  const order: LoadOrder = {
    address: running.address,
    path,
    request,
    inFlight: Number(values['in-flight']),
    warmMs: 1_000,
    runMs,
  };
  const { stdout } = await promisify(execFile)(process.execPath, [...script('load'), JSON.stringify(order)]);
  return JSON.parse(stdout) as LoadResult;
}

function encodedPost(): string {
  const body = Buffer.from(JSON.stringify({ text: 'x'.repeat(1_012) }));
  const post = { queue: 'bench', messages: [{ body, contentType: '', ttlSeconds: 3_600 }] };
  return Buffer.from(PostMessagesRequest.encode(post).finish()).toString('base64');
}

function report(name: string, results: readonly LoadResult[]): number {
  const rate = median(results.map(({ perSecond }) => perSecond));
  const p50 = median(results.map((result) => result.p50)).toFixed(1);
  const p99 = median(results.map((result) => result.p99)).toFixed(1);
  const failed = results.reduce((sum, result) => sum + result.failed, 0);
  console.log(`${name}: ${rate.toFixed(0)} calls/s, p50 ${p50} ms, p99 ${p99} ms, ${failed} failed (medians)`);
  if (failed > 0) throw new Error(`${name}: calls failed`);
  return rate;
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'marconi-bench-'));
  console.log(machineFacts(folder));
  const target = values.storage === 'memory' ? 'memory' : join(folder, 'bench.db');
  const servers = [await start('echo-server'), await start('post-server', target)] as const;
  const [echo, post] = servers;
  const request = encodedPost();
  const echoes: LoadResult[] = [];
  const posts: LoadResult[] = [];
  try {
    for (let round = 0; round < Number(values.rounds); round++) {
      echoes.push(await load(echo, '/bench.Echo/Echo', request));
      posts.push(await load(post, '/marconi.v1.MessageService/PostMessages', request));
    }
  } finally {
    for (const { child } of servers) child.removeAllListeners('exit').kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(`${values['in-flight']} in flight, 1 KiB bodies, storage ${values.storage}, ${values.rounds} rounds`);
  const ratio = report('post', posts) / report('echo', echoes);
  const verdict = new Verdict();
  verdict.check('post against echo', ratio >= LEAST_RATIO, `${(ratio * 100).toFixed(0)} % (bar 40 %)`);
  verdict.finish();
}

void main();
