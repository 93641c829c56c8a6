export { sealAnsible } from "./ansible-vault.js";
export { createMemoryTerminal, type MemoryTerminal } from "./memory-terminal.js";
export { type OtlpReceiver, type ReceivedExport, startOtlpReceiver } from "./otlp-receiver.js";
export { type ReceivedSpan, readOtlpSpans } from "./read-otlp-spans.js";
