export { sealAnsible } from "./ansible-vault.js";
export { createMemoryTerminal, type MemoryTerminal } from "./memory-terminal.js";
