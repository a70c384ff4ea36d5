'use strict';
/* global jest, secondsPerTest */
// The time limit of the suite (jest.config.cjs) for each of its tests.
jest.setTimeout(secondsPerTest * 1000);
