'use strict';
/* global jest */
/** Gives each test the time that jest.config.cjs grants its suite. */
jest.setTimeout(globalThis.suiteTimeoutMs);
