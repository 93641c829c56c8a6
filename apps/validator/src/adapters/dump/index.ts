export { dumpToFile, openDump, restoreFromDump } from "./dump-file.js";
export { measureDatabase } from "./measure-database.js";
