import type { ApiKeyRecord } from "../domain/records/index.js";
import type { ApiKeyStore, UsageStore } from "../ports/index.js";

/** A key with what is used and left of its budget. */
export type BudgetedKey = Omit<ApiKeyRecord, "paidUnits"> & {
  /** Work units that were charged in the month. */
  readonly chargedThisMonthUnits: number;
  /** Work units that are left of what was paid for in advance, negative where more was used; null where nothing was. */
  readonly creditLeftUnits: number | null;
};

/** All keys with their budgets, oldest first; the month is counted from January 1970 in UTC. */
export async function listBudgets(
  store: Pick<ApiKeyStore, "listApiKeys"> & Pick<UsageStore, "getCharges">,
  month: number,
): Promise<readonly BudgetedKey[]> {
  const keys = await store.listApiKeys();
  const ids = keys.map(({ id }) => id);
  const charges = new Map((await store.getCharges(ids, month)).map((each) => [each.keyId, each]));
  return keys.map(({ paidUnits, ...key }) => {
    const { monthUnits = 0, totalUnits = 0 } = charges.get(key.id) ?? {};
    return { ...key, chargedThisMonthUnits: monthUnits, creditLeftUnits: paidUnits === null ? null : paidUnits - totalUnits };
  });
}
