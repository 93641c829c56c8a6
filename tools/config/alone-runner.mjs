import TestRunner from "jest-runner";

/** Jest's runner for suites that nothing else may run beside: one by one, in this process, whatever the number of workers. */
export default class AloneRunner extends TestRunner {
  isSerial = true;
}
