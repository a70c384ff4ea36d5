'use strict';
/**
 * The import table: door → principal → tenant scope → engine → store port → driver.
 * A layer lists all that it may import; what is not listed is an error.
 */
const npm = '^node_modules/';
const folder = (name) => `^${name.replace(/\./g, '\\.')}(/|\\.ts$)`;

/** `imports` are folders; `packages` are npm packages (all when true, none when absent); `node` allows core modules. */
const layer = (name, { imports = [], packages = [], node = false }) => ({
  name: `layer-${name}`,
  comment: `${name} imports only: ${[name, ...imports].join(', ')}`,
  severity: 'error',
  from: { path: folder(name) },
  to: {
    pathNot: [
      ...[name, ...imports].map(folder),
      ...(packages === true ? [npm] : packages.map((pkg) => `${npm}${pkg}/`)),
    ],
    ...(node ? { dependencyTypesNot: ['core'] } : {}),
  },
});

const never = (name, from, to, comment) => ({ name, comment, severity: 'error', from, to });

/** May import everything but main.ts, and nobody else imports them. */
const composition = '^src/(main\\.ts$|cli/|app/)';

module.exports = {
  forbidden: [
    layer('gateway', {
      imports: ['src/gen', 'src/config', 'src/telemetry', 'src/errors', 'src/domain', 'src/json', 'src/process'],
      packages: true,
      node: true,
    }),
    layer('src/transport', {
      imports: [
        'src/auth',
        'src/tenancy',
        'src/engine',
        'src/domain',
        'src/gen',
        'src/errors',
        'src/json',
        'src/telemetry',
        'src/config',
      ],
      packages: true,
      node: true,
    }),
    layer('src/engine', {
      imports: ['src/domain', 'src/storage/ports', 'src/errors'],
      packages: ['@opentelemetry/api'],
    }),
    layer('src/storage/ports', { imports: ['src/domain', 'src/errors'] }),
    layer('src/storage/copy', { imports: ['src/storage/ports', 'src/domain', 'src/errors'], node: true }),
    layer('src/storage/drivers', {
      imports: ['src/storage/ports', 'src/domain', 'src/errors'],
      packages: true,
      node: true,
    }),
    layer('src/conformance', {
      imports: ['src/storage/ports', 'src/domain', 'src/errors', 'src/process'],
      packages: ['expect'],
      node: true,
    }),
    layer('src/domain', { imports: ['src/errors'] }),
    layer('src/errors', { imports: ['src/gen'] }),
    layer('src/json', {}),
    layer('examples', { imports: ['src/gen', 'scripts'], packages: true, node: true }),
    layer('src/process', { packages: true, node: true }),
    layer('src/gen', { packages: true, node: true }),

    never(
      'drivers-are-strangers',
      { path: '^src/storage/drivers/([^/]+)/' },
      { path: '^src/storage/drivers/[^/]+/', pathNot: '^src/storage/drivers/$1/' },
      'A driver stands alone: what two of them share belongs in the ports or the domain.',
    ),
    never(
      'identity-knows-no-door',
      { path: '^src/(auth|tenancy|config|telemetry)/' },
      { path: '^(gateway|src/transport|src/storage/drivers)/' },
      'Data flows one way; these are used by the doors, never the other way round.',
    ),
    never(
      'sqlite-binding-in-its-driver',
      { path: '^(src|gateway)/', pathNot: '^src/storage/drivers/sqlite/' },
      { path: '^node_modules/(@types/)?better-sqlite3/' },
      'Only the SQLite driver knows the binding.',
    ),
    never(
      'mongodb-client-in-its-driver',
      { path: '^(src|gateway)/', pathNot: '^src/storage/drivers/mongodb/' },
      { path: '^node_modules/(mongodb|bson)/' },
      'Only the MongoDB driver knows the client.',
    ),
    never(
      'zeromq-in-its-door',
      { path: '^(src|gateway)/', pathNot: '^src/transport/zmq/' },
      { path: '^node_modules/zeromq/' },
      'Only the ZeroMQ door knows the library; it is loaded where the door is on.',
    ),
    never('nobody-imports-main', {}, { path: '^src/main\\.ts$' }, 'src/main.ts is where everything ends.'),
    never(
      'only-composition-wires',
      { path: '^(src|gateway)/', pathNot: composition },
      { path: '^src/(cli|app)/' },
      'src/cli and src/app are composition; other code takes what it needs as arguments.',
    ),
    never(
      'only-composition-picks-drivers',
      { path: '^(src|gateway)/', pathNot: [composition, '^src/storage/drivers/'] },
      { path: '^src/storage/drivers/' },
      'Drivers are chosen in the composition root alone.',
    ),
    never(
      'conformance-is-for-drivers',
      { path: '^(src|gateway)/', pathNot: [composition, '^src/conformance/'] },
      { path: '^src/conformance/' },
      'The kit proves drivers; nothing that serves needs it.',
    ),
    never(
      'core-knows-no-gateway',
      { path: '^src/', pathNot: composition },
      { path: '^gateway/' },
      'The gateway is a client of the core.',
    ),
    never('no-cycles', {}, { circular: true }, 'A cycle has no layer.'),
    never('no-missing', {}, { couldNotResolve: true }, 'An import that resolves to nothing.'),
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['node', 'require', 'types', 'default'] },
    doNotFollow: { path: 'node_modules' },
    // A package of its own, whose packages the tests install.
    exclude: { path: '^examples/driver-lmdb/' },
  },
};
