/**
 * Every error code of the project. Codes are stable and never reused; `docs/reference/errors.md` has a line for each, checked by a test.
 */
export const errorCodes = {
  CONFIG_INVALID: "The configuration has mistakes; every one is listed in the message.",
  PROTOCOL_INVALID_TASK: "A task definition does not fit the task schema.",
  PROTOCOL_STREAM_TOO_LARGE: "A server-sent event or a whole stream is larger than the protocol allows.",
  SCORING_INVALID_PARAMS: "Scoring parameters are outside their allowed range.",
  SCORING_MIXED_SERIES: "Observations of different miners or tasks were passed as one series.",
  SIGNING_INVALID_KEY: "A key, seed, mnemonic or address cannot be read.",
  SIGNING_NOT_READY: "The sr25519 module has not finished loading.",
  SDK_INVALID_OPTIONS: "Options passed to the SDK are invalid.",
  SDK_CANNOT_LISTEN: "The miner cannot listen on the address and port that it was given.",
  SDK_PORT_IN_USE: "The port is taken by another program.",
  TINY_INVALID_MODEL: "A model file is damaged or of an unsupported kind.",
  TINY_INVALID_INPUT: "Input to an embedded model is out of its bounds.",
  TINY_WORKER_FAILED: "The worker thread of the embedded models ended or could not be started.",
  CHAIN_UNREACHABLE: "No chain endpoint answers.",
  CHAIN_REJECTED: "The chain refused an extrinsic; `chainName` carries the chain's own name for the reason.",
  CHAIN_TIMEOUT: "An extrinsic was not seen in a block in time.",
  CHAIN_UNSUPPORTED: "The connected runtime lacks a call or a runtime API that is needed.",
  CHAIN_TOO_EXPENSIVE: "Registering costs more than the maximum that was allowed; nothing was sent.",
  CHAIN_INVALID_WEIGHTS: "A weight vector cannot be set: wrong lengths, duplicates, unknown uids or values out of range.",
  CHAIN_INVALID_ARGUMENT: "A call of the chain client was given an argument that can never be right; nothing was asked or sent.",
  CHAIN_UNEXPECTED:
    "The chain client failed in a way that is neither an outage nor a refusal: a signer that throws, or a fault of its own.",
  CHAIN_INVALID_VOTE: "A task-weight vote cannot be published: unknown form, too long, or weights that are no shares.",
  WALLET_NOT_FOUND: "A wallet or key file does not exist.",
  WALLET_INVALID: "A wallet or key file cannot be read.",
  WALLET_PASSWORD: "A key file is encrypted and the password is missing or wrong.",
  DEVNET_INVALID_STATE: "The development chain's saved state cannot be read.",
  VALIDATOR_CANNOT_LISTEN: "The validator cannot listen on the address and port that its configuration names.",
  STORE_UNREACHABLE: "The database does not answer.",
  STORE_IN_USE: "Another validator works on this database.",
  STORE_MIGRATION_FAILED: "A database migration failed; nothing of it was applied.",
  STORE_NOT_EMPTY: "A dump is to be restored into a database that is not empty.",
  STORE_DUMP_INVALID: "A dump of the database cannot be used: it is damaged, incomplete, no dump, or of a newer version.",
  STORE_DUMP_UNWRITABLE: "A dump of the database cannot be written.",
  REFERENCE_UNAVAILABLE: "The reference engine that answers are checked against does not work at the moment.",
} as const satisfies Record<string, string>;

/** A stable error code; see {@link errorCodes}. */
export type ErrorCode = keyof typeof errorCodes;
