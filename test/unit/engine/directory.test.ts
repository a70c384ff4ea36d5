import { QueueDirectory } from '../../../src/engine/queues/directory.js';
import { openMemory } from '../../../src/storage/drivers/memory/index.js';
import type { ControlStore } from '../../../src/storage/ports/index.js';

const scope = { project: 'p' };

/** A control store whose looks at rows the test ends one by one; each answers what was true when it began. */
function heldControl() {
  const { control } = openMemory();
  const looks: (() => void)[] = [];
  const findQueue: ControlStore['findQueue'] = (project, name) => {
    const found = control.findQueue(project, name);
    return new Promise((resolve) => looks.push(() => resolve(found)));
  };
  const held = new Proxy(control, {
    get: (target, key) =>
      key === 'findQueue' ? findQueue : (Reflect.get(target, key) as (...args: unknown[]) => unknown).bind(target),
  });
  return { control: held, looks, create: () => control.createQueue('p', 'q', { uid: 'u', pool: 'default' }, 0) };
}

const turn = () => new Promise(setImmediate);

test('uses that come while a queue is looked up keep their order, also before one that finds it remembered', async () => {
  const { control, looks, create } = heldControl();
  await create();
  const directory = new QueueDirectory(control);
  const order: number[] = [];
  const use = (n: number) => directory.use(scope, 'q', async () => void order.push(n));
  const first = [use(1), use(2), use(3)];
  await turn();
  expect(looks).toHaveLength(1);
  looks[0]!();
  await turn();
  await Promise.all([...first, use(4)]);
  expect(order).toEqual([1, 2, 3, 4]);
  expect(looks).toHaveLength(1);
});

test('a look from before a queue was made is not believed that there is none', async () => {
  const { control, looks, create } = heldControl();
  const directory = new QueueDirectory(control);
  const before = directory.use(scope, 'q', async () => 'used');
  await turn();
  await create();
  const after = directory.use(scope, 'q', async () => 'used');
  looks[0]!();
  expect(await before).toBeNull();
  await turn();
  looks[1]!();
  expect(await after).toBe('used');
});
