import { beforeEach, describe } from "@jest/globals";
import type { Store } from "../../ports/index.js";
import { describeApiKeys } from "./api-key-contract.js";
import { describeChecks } from "./check-contract.js";
import { describeEpochs } from "./epoch-contract.js";
import { describeGateways } from "./gateway-contract.js";
import { describePeriods } from "./period-contract.js";
import { describeRetention } from "./retention-contract.js";
import { describeSeries } from "./series-contract.js";
import { describeSettingsLog } from "./settings-contract.js";
import { describeSharedRequests } from "./shared-request-contract.js";
import { describeWeightSets } from "./weight-set-contract.js";

/**
 * What every {@link Store} does. `open` gives a fresh, empty store for each test; the caller closes it.
 */
export function describeStoreContract(name: string, open: () => Promise<Store>): void {
  describe(`Store contract: ${name}`, () => {
    let opened: Store;
    beforeEach(async () => {
      opened = await open();
    });
    const store = () => opened;

    describePeriods(store);
    describeChecks(store);
    describeSeries(store);
    describeEpochs(store);
    describeWeightSets(store);
    describeApiKeys(store);
    describeSharedRequests(store);
    describeSettingsLog(store);
    describeGateways(store);
    describeRetention(store);
  });
}
