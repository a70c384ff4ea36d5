import { OPTIONS } from '../../../../src/config/index.js';
import { createClient } from '../../../../src/storage/drivers/mongodb/client.js';
import { DEFAULT_TUNING, type MongoOptions } from '../../../../src/storage/drivers/mongodb/options.js';
import { refuseUriOptions } from '../../../../src/storage/drivers/mongodb/uri.js';

describe('options of the URI', () => {
  test.each([
    'mongodb://h/m',
    'mongodb://u:p@a,b,c/m?replicaSet=rs0&authSource=admin&tls=true&tlsCAFile=/ca.pem&compressors=zstd',
    'mongodb+srv://u:p@h/?retryWrites=true&w=majority&appName=Cluster0',
    'mongodb://h/?w=majority&journal=true&readConcernLevel=majority&readPreference=primary&retryReads=true',
  ])('%s is taken', (uri) => expect(() => refuseUriOptions(uri)).not.toThrow());

  test.each([
    'w=1',
    'w=0',
    'w=2',
    'journal=false',
    'j=false',
    'readPreference=secondary',
    'readPreference=primaryPreferred',
    'READPREFERENCE=nearest',
    'readConcernLevel=local',
    'readConcernLevel=available',
    'retryWrites=false',
    'retryReads=false',
  ])('%s weakens the promises and is refused by name', (option) => {
    expect(() => refuseUriOptions(`mongodb://h/m?tls=true&${option}`)).toThrow(`${option} weakens`);
  });

  test.each([
    ['maxPoolSize=9', 'mongodb.maxPoolSize'],
    ['socketTimeoutMS=9', 'mongodb.timeoutMs'],
    ['wTimeoutMS=0', 'mongodb.timeoutMs'],
    ['connectTimeoutMS=9', 'mongodb.connectTimeoutMs'],
    ['serverSelectionTimeoutMS=9', 'mongodb.serverSelectionTimeoutMs'],
    ['waitQueueTimeoutMS=9', 'mongodb.waitQueueTimeoutMs'],
    ['heartbeatFrequencyMS=9', 'mongodb.heartbeatMs'],
  ] as const)('%s has the option %s', (given, option) => {
    expect(OPTIONS[option].default).toBeGreaterThan(0);
    expect(() => refuseUriOptions(`mongodb://h/?${given}`)).toThrow(`is set by the option ${option}`);
  });

  test('what is not known is refused, each by its name, and no value of it is told', () => {
    const refuse = () => refuseUriOptions('mongodb://h/?promoteValues=s3cret&w=0&useBigInt64=true');
    expect(refuse).toThrow(/promoteValues is no option.*w=0 weakens.*useBigInt64 is no option/);
    expect(refuse).not.toThrow('s3cret');
  });
});

describe('the client', () => {
  const optionsOf = (given: Partial<MongoOptions> = {}) =>
    createClient({ uri: 'mongodb://h/m', database: 'm', ...given }).options;

  test('sends every command with the promises, and waits for nothing without a bound', () => {
    const options = optionsOf();
    expect(options.readPreference.mode).toBe('primary');
    expect(options.readConcern).toMatchObject({ level: 'majority' });
    expect(options.writeConcern).toMatchObject({ w: 'majority', journal: true, wtimeoutMS: 5_000 });
    expect(options).toMatchObject({ retryWrites: true, retryReads: true, appName: 'marconi', monitorCommands: false });
    expect(options).toMatchObject({ maxPoolSize: 64, waitQueueTimeoutMS: 5_000, socketTimeoutMS: 10_000 });
    expect(options).toMatchObject({ connectTimeoutMS: 2_000, serverSelectionTimeoutMS: 5_000 });
    expect(options.heartbeatFrequencyMS).toBe(2_000);
  });

  test('takes the bounds that are set, and the name that the URI gives', () => {
    const options = optionsOf({ uri: 'mongodb://h/?appName=mine', maxPoolSize: 7, timeoutMs: 3_001 });
    expect(options).toMatchObject({ maxPoolSize: 7, socketTimeoutMS: 3_001, appName: 'mine' });
    expect(options.writeConcern?.wtimeoutMS).toBe(1_501);
  });

  test('has the defaults that the table of options documents', () => {
    const documented = Object.keys(DEFAULT_TUNING).map((key) => [
      key,
      OPTIONS[`mongodb.${key as keyof typeof DEFAULT_TUNING}`].default,
    ]);
    expect(Object.fromEntries(documented)).toEqual(DEFAULT_TUNING);
    expect(DEFAULT_TUNING.waitQueueTimeoutMs).toBeGreaterThan(
      DEFAULT_TUNING.heartbeatMs + DEFAULT_TUNING.connectTimeoutMs,
    );
  });
});
