import { Router } from 'zeromq';

/** The ceiling of the ZeroMQ door: a ROUTER that gives back each frame. Says its address on stdout. */
async function serve(): Promise<void> {
  const router = new Router();
  await router.bind('tcp://127.0.0.1:*');
  process.stdout.write(`${router.lastEndpoint ?? ''}\n`);
  for await (const frames of router) await router.send(frames);
}

void serve();
