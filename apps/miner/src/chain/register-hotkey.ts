import type { Terminal } from "@vision/program";
import type { Rao, SubtensorClient, WalletLocation } from "@vision/sdk/chain";
import { openColdkey } from "../wallet/open-coldkey.js";

/** The part of a chain client that registering takes. */
export type RegistrationChain = Pick<
  SubtensorClient,
  "getUid" | "getRegistrationCost" | "getBalance" | "getHyperparameters" | "register" | "close"
>;

/** Who is to be registered where, and for how much. */
export type Registration = {
  readonly netuid: number;
  /** The chain's name or URL, for whoever reads along. */
  readonly network: string;
  readonly wallet: WalletLocation;
  /** The most that may be burned. */
  readonly maxBurnRao: Rao;
  /** True: nobody is asked. */
  readonly isConfirmed: boolean;
};

/** What registering works with. */
export type RegistrationSurroundings = {
  readonly chain: RegistrationChain;
  readonly terminal: Terminal;
  /** Where passwords are looked up, under btcli's names. */
  readonly environment: Readonly<Record<string, string | undefined>>;
};

/**
 * Burns TAO of the wallet's coldkey for a place of its hotkey on a subnet. The price is told first; nothing is sent
 * when it is above the maximum, when the funds do not suffice or when whoever is asked does not agree. Registering twice costs nothing.
 *
 * @returns The exit code: 0 when the hotkey is registered, 1 when it is not.
 * @throws VisionError `WALLET_*` or ChainError.
 */
export async function registerHotkey(registration: Registration, surroundings: RegistrationSurroundings): Promise<0 | 1> {
  const { chain, terminal, environment } = surroundings;
  const { netuid, network, wallet, maxBurnRao } = registration;
  const { describeBlocks, formatTao, loadHotkey, readColdkeyAddress } = await import("@vision/sdk/chain");
  const hotkey = (await loadHotkey({ ...wallet, env: environment })).address;
  const existingUid = await chain.getUid(netuid, hotkey);
  if (existingUid !== null) {
    terminal.print(`The hotkey ${hotkey} is registered on subnet ${netuid} already, with uid ${existingUid}. Nothing was sent.`);
    return 0;
  }

  const coldkeyAddress = await readColdkeyAddress(wallet);
  const [priceRao, balanceRao, { immunityPeriodBlocks }] = await Promise.all([
    chain.getRegistrationCost(netuid),
    chain.getBalance(coldkeyAddress),
    chain.getHyperparameters(netuid),
  ]);
  terminal.note(
    [
      `network   ${network}`,
      `subnet    ${netuid}`,
      `hotkey    ${hotkey}`,
      `coldkey   ${coldkeyAddress}, with ${formatTao(balanceRao)} TAO`,
      `price     ${formatTao(priceRao)} TAO, burned: nobody gives it back`,
      `immunity  ${describeBlocks(immunityPeriodBlocks)}, in which others lose their place first`,
    ].join("\n"),
  );
  if (priceRao > maxBurnRao) {
    terminal.note(`The price is above --max-burn ${formatTao(maxBurnRao)}. Nothing was sent. Wait for it to fall, or allow more.`);
    return 1;
  }
  if (priceRao > balanceRao) {
    terminal.note(`The coldkey has ${formatTao(priceRao - balanceRao)} TAO too little. Nothing was sent.`);
    return 1;
  }
  if (!registration.isConfirmed && !(await isAgreed(terminal, formatTao(maxBurnRao)))) return 1;

  const signer = await openColdkey(wallet, { terminal, environment });
  terminal.note("Registering; this takes a block or two.");
  const { uid, blockNumber } = await chain.register({ netuid, hotkey, signer, maxBurnRao });
  const spentRao = balanceRao - (await chain.getBalance(coldkeyAddress));
  terminal.print(
    `Registered: uid ${uid} of subnet ${netuid}, in block ${blockNumber}. The coldkey paid ${formatTao(spentRao)} TAO, fee included.`,
  );
  return 0;
}

async function isAgreed(terminal: Terminal, maximumTao: string): Promise<boolean> {
  if (!terminal.isInteractive) {
    terminal.note("Nothing was sent: there is no terminal to ask on. Pass --yes to agree.");
    return false;
  }
  // The price may rise until the block; the client allows a little, and never more than the maximum.
  const answer = await terminal.ask(`Register? The price may move until the block comes, to at most ${maximumTao} TAO. [y/N] `);
  if (/^y(es)?$/i.test(answer.trim())) return true;
  terminal.note("Nothing was sent.");
  return false;
}
