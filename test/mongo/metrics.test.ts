import { startMongoJavaServer } from '../support/mongo/mongo-java-server.js';
import { freshDatabase } from '../support/mongo/watched-storage.js';
import { startMarconi } from '../support/server.js';

test('a core tells of its connections to the database', async () => {
  const server = await startMongoJavaServer({ backend: 'memory' });
  const core = await startMarconi({ command: 'core', storage: `${server.uri}${freshDatabase()}` });
  try {
    const text = await (await fetch(core.metricsUrl)).text();
    const value = (sample: string) =>
      Number(
        text
          .split('\n')
          .find((line) => line.startsWith(sample))
          ?.split(' ')[1],
      );
    const [used, idle] = ['in_use', 'idle'].map((state) => value(`marconi_mongodb_connections{state="${state}"}`));
    expect(used! + idle!).toBeGreaterThan(0);
    expect(value('marconi_mongodb_waiting_commands')).toBe(0);
  } finally {
    await core.stop();
    await server.stop();
  }
});
