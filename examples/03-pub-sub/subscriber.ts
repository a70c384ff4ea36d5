/** Prints news as they come, each once and in order, and first those that came while it did not run. */
import { Subscriber } from 'zeromq';
import { SubscribeResponse } from '../../src/gen/marconi/v1/delivery.js';
import { Envelope, EnvelopeKind, TopicGranted, TopicOpen } from '../../src/gen/marconi/v1/envelope.js';
import { CreateQueueRequest } from '../../src/gen/marconi/v1/queues.js';
import { bodyOf } from '../marconi.js';
import { openSession, type Session } from '../zmq.js';
import { Follower } from './catch-up.js';

const queue = 'news';

async function subscribe(session: Session): Promise<Subscriber> {
  const open = TopicOpen.encode({ endpoint: '', queue }).finish();
  const answer = await session.ask(EnvelopeKind.ENVELOPE_KIND_TOPIC_OPEN, open);
  const { topic, heartbeat } = TopicGranted.decode(answer);
  const socket = new Subscriber({ linger: 0, receiveTimeout: 3000 * Number(heartbeat?.seconds ?? 15n) });
  socket.connect(process.argv[3] ?? 'tcp://127.0.0.1:8893');
  socket.subscribe(topic);
  return socket;
}

/** Reads until there was no sign of life for three heartbeats: the topic is over, say. */
async function read(socket: Subscriber, follower: Follower): Promise<void> {
  for (;;) {
    const frames = await socket.receive().catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EAGAIN') return null;
      throw error;
    });
    if (frames === null) return;
    const { kind, payload } = Envelope.decode(frames[1] as Buffer);
    if (kind === EnvelopeKind.ENVELOPE_KIND_ERROR) follower.beginAnew();
    else await follower.take(SubscribeResponse.decode(payload));
  }
}

async function main(): Promise<void> {
  const session = await openSession();
  await session.call('marconi.v1.QueueService/CreateQueue', CreateQueueRequest.encode({ queue }).finish());
  const follower = new Follower(session, queue, (message) => console.log(bodyOf<string>(message)));
  for (;;) {
    const socket = await subscribe(session);
    await read(socket, follower);
    socket.close();
  }
}

void main();
