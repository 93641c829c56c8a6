import { createMemoryStore } from "./memory-store.js";
import { describeStoreContract } from "./store-contract/store-contract.js";

describeStoreContract("in memory", async () => createMemoryStore());
