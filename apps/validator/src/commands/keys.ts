import { randomUUID } from "node:crypto";
import { userInfo } from "node:os";
import { type ExitCode, exitCodes, renderTable, type SettingSources } from "@vision/program";
import { loadDatabaseConfig } from "../config/index.js";
import { monthOf } from "../domain/calendar.js";
import type { ChangedBy } from "../domain/records/index.js";
import { createApiKey, listBudgets } from "../gateway/index.js";
import type { CommandContext } from "./command-context.js";
import { withStore } from "./with-store.js";

/** A key's name and limits. */
export type NewKeyOptions = {
  readonly name: string;
  readonly requestsPerMinute: number;
  /** Null for no limit. */
  readonly tokensPerMinute: number | null;
  readonly concurrentRequests: number;
  /** Work units of a calendar month; null for no budget. */
  readonly monthlyUnits: number | null;
  /** Work units that are paid for; null where nothing need be paid in advance. */
  readonly paidUnits: number | null;
  readonly sharesRequests: boolean;
};

function describeBudget({ monthlyUnits, paidUnits }: Pick<NewKeyOptions, "monthlyUnits" | "paidUnits">): string {
  const monthly = monthlyUnits === null ? "" : `, ${monthlyUnits} work units a month`;
  return `${monthly}${paidUnits === null ? "" : `, credit for ${paidUnits} work units`}`;
}

/** For the log of changes: the machine's user, where it has a name. */
function byCommandLine(): ChangedBy {
  const nowMs = Date.now();
  try {
    return { who: `command line, ${userInfo().username}`, nowMs };
  } catch {
    return { who: "command line", nowMs };
  }
}

/** `vision-validator keys create`: makes an API key and prints it, once. */
export async function createKey(sources: SettingSources, options: NewKeyOptions, context: CommandContext): Promise<ExitCode> {
  const database = await loadDatabaseConfig(sources);
  const { key, prefix, sha256Hex } = createApiKey();
  const id = randomUUID();
  await withStore(database, context.signal, (store) => store.createApiKey({ id, prefix, sha256Hex, ...options, ...byCommandLine() }));
  context.writeOut(`${key}\n`);
  context.writeError(
    `Key ${id} (${options.name}: ${options.requestsPerMinute} requests and ${options.tokensPerMinute ?? "any number of"} tokens a minute, ${options.concurrentRequests} requests at a time${describeBudget(options)}${options.sharesRequests ? ", shares its requests" : ""}). It is shown only now: only its digest is stored.\n`,
  );
  return exitCodes.ok;
}

/** `vision-validator keys list`: all keys, never their texts. */
export async function listKeys(sources: SettingSources, options: { readonly isJson: boolean }, context: CommandContext): Promise<ExitCode> {
  const database = await loadDatabaseConfig(sources);
  const keys = await withStore(database, context.signal, (store) => listBudgets(store, monthOf(Date.now())));
  if (options.isJson) {
    context.writeOut(`${JSON.stringify(keys)}\n`);
    return exitCodes.ok;
  }
  const date = (atMs: number | null) => (atMs === null ? "never" : new Date(atMs).toISOString());
  const units = (value: number) => String(Math.round(value));
  const rows = keys.map((key) => [
    key.id,
    key.prefix,
    String(key.requestsPerMinute),
    key.tokensPerMinute === null ? "any" : String(key.tokensPerMinute),
    String(key.concurrentRequests),
    `${units(key.chargedThisMonthUnits)} of ${key.monthlyUnits ?? "any"}`,
    key.creditLeftUnits === null ? "-" : units(key.creditLeftUnits),
    date(key.createdAtMs),
    date(key.lastUsedAtMs),
    key.sharesRequests ? "yes" : "no",
    key.revokedAtMs === null ? "good" : "revoked",
    key.name,
  ]);
  context.writeOut(
    renderTable(
      [
        ...["id", "starts with", "requests/min", "tokens/min", "at a time", "units this month", "credit left"],
        ...["created", "last used", "shares", "state", "name"],
      ],
      rows,
    ),
  );
  return exitCodes.ok;
}

function noKey(context: CommandContext): ExitCode {
  context.writeError("There is no good key of that id or beginning; see vision-validator keys list.\n");
  return exitCodes.nothing;
}

const NOTICED = "Gateways take up to gateway.apiKeyCacheMs to notice.";

/** `vision-validator keys budget`: sets what a key may use in a month. */
export async function setBudget(
  sources: SettingSources,
  { idOrPrefix, monthlyUnits }: { readonly idOrPrefix: string; readonly monthlyUnits: number | null },
  context: CommandContext,
): Promise<ExitCode> {
  const database = await loadDatabaseConfig(sources);
  const change = { monthlyUnits };
  if (!(await withStore(database, context.signal, (store) => store.changeApiKey(idOrPrefix, change, byCommandLine()))))
    return noKey(context);
  const may = monthlyUnits === null ? "any number of" : `at most ${monthlyUnits}`;
  context.writeError(`The key may use ${may} work units a calendar month; what it used in this one counts. ${NOTICED}\n`);
  return exitCodes.ok;
}

/** `vision-validator keys credit`: adds to what is paid for of a key, or says that nothing need be. */
export async function changeCredit(
  sources: SettingSources,
  options: { readonly idOrPrefix: string; readonly units: number | null; readonly reference: string | null },
  context: CommandContext,
): Promise<ExitCode> {
  const { idOrPrefix, units, reference } = options;
  const database = await loadDatabaseConfig(sources);
  if (units === null) {
    if (!(await withStore(database, context.signal, (store) => store.endCredit(idOrPrefix, byCommandLine())))) {
      context.writeError("There is no good key of that id or beginning with credit; see vision-validator keys list.\n");
      return exitCodes.nothing;
    }
    context.writeError(`The key is good without credit. ${NOTICED}\n`);
    return exitCodes.ok;
  }
  const added = await withStore(database, context.signal, (store) => store.addCredit(idOrPrefix, { units, reference }, byCommandLine()));
  if (added === "noKey") return noKey(context);
  const done = {
    added: `Credit for ${units} work units was added. ${NOTICED}`,
    before: "Credit of that reference was added before: nothing changed.",
  };
  context.writeError(`${done[added]}\n`);
  return exitCodes.ok;
}

/** `vision-validator keys revoke`: ends a key, by id or by its first characters. */
export async function revokeKey(
  sources: SettingSources,
  options: { readonly idOrPrefix: string },
  context: CommandContext,
): Promise<ExitCode> {
  const database = await loadDatabaseConfig(sources);
  const isRevoked = await withStore(database, context.signal, (store) => store.revokeApiKey(options.idOrPrefix, byCommandLine()));
  if (!isRevoked) return noKey(context);
  context.writeError(`Revoked. ${NOTICED}\n`);
  return exitCodes.ok;
}

/** `vision-validator keys share` and `unshare`: whether the validator keeps a key's requests to draw its own from; see the docs. */
export async function shareKey(
  sources: SettingSources,
  options: { readonly idOrPrefix: string; readonly sharesRequests: boolean },
  context: CommandContext,
): Promise<ExitCode> {
  const { idOrPrefix, sharesRequests } = options;
  const database = await loadDatabaseConfig(sources);
  const isChanged = await withStore(database, context.signal, (store) => store.setSharing(idOrPrefix, sharesRequests, byCommandLine()));
  if (!isChanged) {
    const state = sharesRequests ? "does not share its requests" : "shares its requests";
    context.writeError(`There is no good key of that id or beginning that ${state}; see vision-validator keys list.\n`);
    return exitCodes.nothing;
  }
  context.writeError(
    sharesRequests
      ? "Requests of this key are kept from now on, for the validator to draw its own from. Its users must have agreed to that.\n"
      : "What was kept of this key is deleted. A validator that runs forgets it within ten minutes.\n",
  );
  return exitCodes.ok;
}
