import { VisionError } from "@vision/protocol";
import { createHotkeyFromUri, parseAddress } from "@vision/signing";
import type { AccountId } from "./metadata/types/common.js";
import type { BlockProduction } from "./node/dev-node.js";
import type { Genesis, SubnetHyperparameters } from "./runtime/genesis.js";
import { toHex } from "./scale/hex.js";

/** An account: an ss58 address, 32 bytes as hex, or a development key such as `//Alice`. */
export type AccountName = string;

/** A neuron that is registered from the start. */
export type NeuronOptions = {
  readonly hotkey: AccountName;
  readonly coldkey: AccountName;
  /** Alpha staked on it, in RAO. */
  readonly stakeRao?: bigint;
  /** True: it may set weights from the first block on. */
  readonly hasPermit?: boolean;
};

/** A subnet that exists from the start. */
export type SubnetOptions = {
  readonly netuid: number;
  /** Default `//Owner`. Its hotkeys earn no incentive, as on the chain: do not use it for miners. */
  readonly ownerColdkey?: AccountName;
  /** Default `//Owner//hotkey`, on uid 0. `null`: no owner's neuron, the first registration is uid 0. */
  readonly ownerHotkey?: AccountName | null;
  readonly hyperparameters?: Partial<SubnetHyperparameters>;
  readonly neurons?: readonly NeuronOptions[];
};

/** How a development node is to be. Everything has a default. */
export type DevnetOptions = {
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** Default 0: a free port. */
  readonly port?: number;
  /** When blocks are made; default `timer`. Without timer the chain has a clock of its own, which moves by `blockTimeMs` a block. */
  readonly production?: BlockProduction;
  /** Milliseconds between blocks, default 1000. */
  readonly blockTimeMs?: number;
  /** Where the chain is kept; left out: in memory. */
  readonly stateDirectory?: string;
  /** Funded accounts, default the six usual development keys (`//Alice` to `//Ferdie`) and `//Owner`, a million TAO each. */
  readonly balancesRao?: Readonly<Record<AccountName, bigint>>;
  /** Default one subnet, netuid 2, with the defaults of {@link SubnetHyperparameters}. */
  readonly subnets?: readonly SubnetOptions[];
  /** Who may call Sudo, default `//Alice`. */
  readonly sudoAccount?: AccountName | null;
  /** Stake that setting weights needs, in RAO, default 0. */
  readonly stakeThresholdRao?: bigint;
  /** Clock of the beacon that timelocked weights are locked to; default that of drand's quicknet, three seconds a round. */
  readonly beacon?: { readonly genesisTimeSeconds: number; readonly periodSeconds: number };
  /** Blocks behind the head whose storage can still be read, default 256. */
  readonly historyBlocks?: number;
  readonly chainName?: string;
  /** Wall clock in milliseconds, default the machine's. */
  readonly now?: () => number;
  /** Time of block 0, default now. */
  readonly genesisTimeMs?: number;
};

/** Accounts that have money on a chain with the default options. */
export const developmentAccounts: readonly AccountName[] = ["//Alice", "//Bob", "//Charlie", "//Dave", "//Eve", "//Ferdie", "//Owner"];

const MILLION_TAO_RAO = 1_000_000_000_000_000n;

/**
 * An account by any of its names, as storage knows it.
 *
 * @throws VisionError `SIGNING_INVALID_KEY` for a name that is none.
 */
export function parseAccount(name: AccountName): AccountId {
  if (name.startsWith("//")) return toHex(createHotkeyFromUri(name).publicKey);
  if (/^0x[0-9a-fA-F]{64}$/.test(name)) return name.toLowerCase();
  return toHex(parseAddress(name));
}

/** The genesis that options ask for. */
export function toGenesis(options: DevnetOptions, timeMs: number): Genesis {
  const balances = options.balancesRao ?? Object.fromEntries(developmentAccounts.map((name) => [name, MILLION_TAO_RAO]));
  const subnets = options.subnets ?? [{ netuid: 2 }];
  for (const { netuid } of subnets) {
    if (Number.isInteger(netuid) && netuid >= 1 && netuid < 4096) continue;
    throw new VisionError({
      code: "CONFIG_INVALID",
      message: `A netuid is a whole number from 1 to 4095, not ${netuid}.`,
      facts: { netuid },
    });
  }
  return {
    timeMs,
    balances: new Map(Object.entries(balances).map(([name, rao]) => [parseAccount(name), rao])),
    subnets: subnets.map((subnet) => {
      const { netuid, ownerColdkey = "//Owner", ownerHotkey = "//Owner//hotkey", hyperparameters = {}, neurons = [] } = subnet;
      return {
        netuid,
        ownerColdkey: parseAccount(ownerColdkey),
        ...(ownerHotkey === null ? {} : { ownerHotkey: parseAccount(ownerHotkey) }),
        hyperparameters,
        neurons: neurons.map((neuron) => ({ ...neuron, hotkey: parseAccount(neuron.hotkey), coldkey: parseAccount(neuron.coldkey) })),
      };
    }),
    sudoAccount: options.sudoAccount === null ? null : parseAccount(options.sudoAccount ?? "//Alice"),
    stakeThresholdRao: options.stakeThresholdRao ?? 0n,
  };
}
