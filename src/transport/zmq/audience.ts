import { MAX_SUBSCRIPTIONS, MAX_TOPICS } from './limits.js';
import type { Newsfeed } from './newsfeed.js';
import type { Topic, TopicQueue } from './topics.js';

/** What is made of a subscription. */
export type Admission = 'admitted' | 'topic' | 'overloaded';

/** What an audience needs. */
export interface AudienceParts {
  /** The topic, if it is one that may be heard here; null for all else. */
  read(topic: Buffer): Topic | null;
  /** Begins to follow a queue. @param listeners the topics that are subscribed to at that moment */
  openFeed(queue: TopicQueue, listeners: () => readonly Buffer[]): Newsfeed;
  /** Seconds since 1970. */
  now(): number;
  /** How long a topic is still published under when its last subscriber is gone. */
  readonly lingerMs: number;
}

/** A topic that somebody subscribed to. */
interface LiveTopic {
  readonly bytes: Buffer;
  readonly expires: number;
  readonly queue: FollowedQueue;
  /** Subscriptions that libzmq told of, less those that ended; only a client that lies makes it wrong. */
  count: number;
  leaving: NodeJS.Timeout | undefined;
}

interface FollowedQueue {
  readonly key: string;
  readonly topics: Map<string, LiveTopic>;
  readonly feed: Newsfeed;
}

/** Who listens to what: each queue is followed once, under one topic for each hour in which somebody asked for it. */
export class Audience {
  private readonly topics = new Map<string, LiveTopic>();
  private readonly queues = new Map<string, FollowedQueue>();
  private count = 0;

  constructor(private readonly parts: AudienceParts) {}

  /** Queues that are followed. */
  get followed(): number {
    return this.queues.size;
  }

  /** Somebody subscribed. Also a subscription that is one too many is counted: its end will be told as any other's. */
  enter(bytes: Buffer): Admission {
    const text = bytes.toString('latin1');
    // Read again each time: what was good may be over.
    const read = this.parts.read(bytes);
    if (read === null) return 'topic';
    const topic = this.topics.get(text) ?? this.open(read, bytes);
    if (topic === null) return 'overloaded';
    clearTimeout(topic.leaving);
    topic.count += 1;
    this.count += 1;
    return this.count <= MAX_SUBSCRIPTIONS ? 'admitted' : 'overloaded';
  }

  /** A subscription ended. False when it was to nothing that is known. */
  leave(bytes: Buffer): boolean {
    const topic = this.topics.get(bytes.toString('latin1'));
    if (topic === undefined) return false;
    if (topic.count > 0) this.count -= 1;
    topic.count = Math.max(0, topic.count - 1);
    if (topic.count === 0) this.closeLater(topic);
    return true;
  }

  /** Where the queue of a topic is, for its newcomers; null when they will be told anyhow. */
  whereabouts(bytes: Buffer): Uint8Array | null {
    return this.topics.get(bytes.toString('latin1'))?.queue.feed.whereabouts ?? null;
  }

  /** All connections ended; many will be back. */
  leaveAll(): void {
    this.count = 0;
    for (const topic of this.topics.values()) {
      topic.count = 0;
      this.closeLater(topic);
    }
  }

  end(): void {
    for (const topic of [...this.topics.values()]) this.close(topic);
  }

  private open({ text, expires, project, queue }: Topic, bytes: Buffer): LiveTopic | null {
    if (this.topics.size >= MAX_TOPICS) return null;
    const key = text.slice(text.indexOf('/'));
    const followed = this.queues.get(key) ?? this.follow(key, { project, queue });
    const topic = { bytes, expires, queue: followed, count: 0, leaving: undefined };
    followed.topics.set(text, topic);
    this.topics.set(text, topic);
    return topic;
  }

  private follow(key: string, of: TopicQueue): FollowedQueue {
    const topics = new Map<string, LiveTopic>();
    const followed = { key, topics, feed: this.parts.openFeed(of, () => this.listeners(topics)) };
    this.queues.set(key, followed);
    return followed;
  }

  /** Nothing is published under a topic that is over. */
  private listeners(topics: ReadonlyMap<string, LiveTopic>): readonly Buffer[] {
    const now = this.parts.now();
    const all = [...topics.values()];
    for (const topic of all) if (topic.expires <= now) this.close(topic);
    return all.filter(({ expires }) => expires > now).map(({ bytes }) => bytes);
  }

  private closeLater(topic: LiveTopic): void {
    clearTimeout(topic.leaving);
    topic.leaving = setTimeout(() => this.close(topic), this.parts.lingerMs).unref();
  }

  private close(topic: LiveTopic): void {
    clearTimeout(topic.leaving);
    const text = topic.bytes.toString('latin1');
    if (!this.topics.delete(text)) return;
    const { queue } = topic;
    this.count -= topic.count;
    queue.topics.delete(text);
    if (queue.topics.size > 0) return;
    this.queues.delete(queue.key);
    queue.feed.end();
  }
}
