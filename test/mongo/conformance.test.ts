import { describeStorage } from '../../src/conformance/index.js';
import { mongoFactory } from '../support/mongo/mongo-factory.js';
import { startMongoJavaServer } from '../support/mongo/mongo-java-server.js';

const factory = mongoFactory({ start: () => startMongoJavaServer({ backend: 'memory' }), atomic: true });

describeStorage('mongodb on mongo-java-server', factory);
afterAll(() => factory.stop());
