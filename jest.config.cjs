'use strict';
const { existsSync } = require('node:fs');

/** Suite directory under test/ → seconds one test may take. */
const suites = {
  unit: 5,
  conformance: 20,
  property: 60,
  history: 120,
  faults: 240,
  security: 60,
  fuzz: 120,
  doors: 60,
  mongo: 60,
  cores: 60,
  model: 240,
  e2e: 60,
};
const longTier = process.env.MARCONI_TEST_TIER === 'long';

const swc = {
  jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
  module: { type: 'commonjs' },
  sourceMaps: 'inline',
};

const project = ([name, seconds]) => ({
  displayName: name,
  rootDir: __dirname,
  testEnvironment: 'node',
  testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
  // A project's testTimeout is not heeded; the setup file sets it.
  globals: { suiteTimeoutMs: seconds * 1000 * (longTier ? 10 : 1) },
  setupFilesAfterEnv: ['<rootDir>/test/support/suite-timeout.cjs'],
  transform: { '\\.ts$': ['@swc/jest', swc] },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/.cache'],
});

/** Percent of lines and branches the in-process suites must reach, by folder (folders not there yet are skipped). */
const covered = {
  'src/domain': [90, 90],
  'src/engine': [95, 90],
  'src/errors': [90, 90],
  'src/json': [95, 90],
  'src/storage/drivers/sqlite': [90, 90],
};
const coverageThreshold = Object.fromEntries(
  Object.entries(covered)
    .filter(([folder]) => existsSync(`${__dirname}/${folder}`))
    .map(([folder, [lines, branches]]) => [`./${folder}/`, { lines, branches }]),
);

module.exports = {
  projects: Object.entries(suites).map(project),
  maxWorkers: 2,
  coverageProvider: 'v8',
  coverageDirectory: 'coverage',
  coverageReporters: ['text-summary', 'lcov'],
  // Files of types alone have no line that could run.
  collectCoverageFrom: [
    ...['src/**/*.ts', 'gateway/**/*.ts', '!src/gen/**', '!src/main.ts'],
    ...[
      '!src/engine/{api,shared-api,stream-api,deps,parts}.ts',
      '!src/engine/commit/chain.ts',
      '!src/storage/ports/**',
      '!src/config/settings.ts',
    ],
  ],
  coverageThreshold,
};
