/** The conformance kit: what every storage driver runs to show that it keeps the promises of the ports. */
export { describeStorage, type DescribeOptions, type Runner } from './describe-storage.js';
export { exceptionProblems, type Exceptions } from './exceptions.js';
export type { StorageFactory, StorageUnderTest } from './factory.js';
export type { Facts } from './facts.js';
export type { PlannedCase, Round } from './plan.js';
export { FAULT_NAMES, faultLacks, faulty, faultyFactory, type FaultName } from './faulty/faulty.js';
export { reportText } from './report-text.js';
export {
  REPORT_FORMAT,
  type AreaReport,
  type CaseResult,
  type ConformanceReport,
  type ExceptionReport,
  type FailureReport,
  type Totals,
} from './report.js';
export { runConformance, type RunOptions } from './run.js';
export { AREA_NAMES } from './suite.js';
