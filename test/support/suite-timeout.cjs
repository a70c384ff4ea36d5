'use strict';
/** Gives each test the time that jest.config.cjs grants its suite. */
const { jest: runner } = require('@jest/globals');
runner.setTimeout(globalThis.suiteTimeoutMs);
