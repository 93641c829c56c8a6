export { createColdkeyFile, createHotkeyFile, createKeypair } from "./create-wallet.js";
export { inspectKeyfile, type KeyfileInspection, type KeyfileState } from "./inspect-keyfile.js";
export {
  type KeyfileEncryption,
  keyfileEncryption,
  type ReadKeyfileOptions,
  readKeyfile,
  type WriteKeyfileOptions,
  writeKeyfile,
} from "./keyfile.js";
export { type Keypair, type KeySecret, keypairFromMnemonic, keypairFromPrivateKey, keypairFromSeed } from "./keypair.js";
export { listWallets, type WalletSummary } from "./list-wallets.js";
export { type LoadKeyOptions, loadColdkey, loadHotkey, readColdkeyAddress } from "./load-key.js";
export { type Environment, encodePasswordVariable, passwordVariableName, readPasswordVariable } from "./password-variable.js";
export { describeWallets, runWalletCommand, type WalletCommandResult, type WalletCommandSurroundings } from "./wallet-command.js";
export { defaultWalletsPath, type WalletLocation, type WalletPaths, walletPaths } from "./wallet-paths.js";
