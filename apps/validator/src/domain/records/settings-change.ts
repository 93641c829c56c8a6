/** A setting that a start found otherwise than the one before. */
export type SettingsChange = {
  readonly atMs: number;
  /** Of the program that was started. */
  readonly version: string;
  /** Where it is in the file: `gateway.port`. */
  readonly setting: string;
  /** JSON values, secrets hidden; null where it was, or is, not there. */
  readonly before: unknown;
  readonly after: unknown;
};
