/** How much a finding matters: `warn` may become a failure or costs something, `fail` keeps the program from its work. */
export const findingStatuses = ["ok", "warn", "fail"] as const;

/** What a check of the surroundings found. `advice`: what to do about it; null where nothing is to be done. */
export type Finding = {
  readonly status: (typeof findingStatuses)[number];
  readonly detail: string;
  readonly advice: string | null;
};

/** All is as it should be. */
export function ok(detail: string): Finding {
  return { status: "ok", detail, advice: null };
}

/** Something that works and should be looked at. */
export function warn(detail: string, advice: string): Finding {
  return { status: "warn", detail, advice };
}

/** Something that keeps the program from its work. */
export function fail(detail: string, advice: string): Finding {
  return { status: "fail", detail, advice };
}

/** One look at the surroundings. */
export type DoctorCheck = {
  /** One or two words; the line's title, unique in a report. */
  readonly name: string;
  /** How long it may take; whatever has not answered by then is a failure. Default 15 s. */
  readonly timeLimitMs?: number;
  /** What it finds. It may reject: that is a failure with the error's message. */
  run(signal: AbortSignal): Promise<Finding>;
};

/** A check that tells when it has ended, for another that must not run beside it. */
export function tellEnd(check: DoctorCheck): { readonly check: DoctorCheck; readonly ended: Promise<void> } {
  let tell = () => {};
  const ended = new Promise<void>((resolve) => {
    tell = resolve;
  });
  return { check: { ...check, run: (signal) => check.run(signal).finally(tell) }, ended };
}

/**
 * Judges a part that several checks need and one of them, of the given name, reports on: where the part cannot be had the others only say
 * that they know nothing, once each, without its whole story again.
 */
export async function judgePart<Part>(
  { name, part }: { readonly name: string; readonly part: Promise<Part> },
  judge: (part: Part) => Finding | Promise<Finding>,
): Promise<Finding> {
  const got = await part.then(
    (value) => ({ value }),
    () => null,
  );
  return got === null ? fail(`cannot be told without the ${name}`, `See the line "${name}".`) : judge(got.value);
}
