import { anySignal } from "@vision/protocol";
import { z } from "zod";
import { type DoctorCheck, type Finding, ok, warn } from "./finding.js";

/** Where a newer version is looked for. */
export type UpdateSettings = { readonly isLookedFor: boolean; readonly registry: string };

/** A doctor in a hurry does not wait for a registry that is far away. */
const LOOK_MS = 4_000;
const MOST_BYTES = 65_536;

const tagsSchema = z.object({ latest: z.string().max(64) });

/** Major, minor and patch, and whether it is the release itself and none before it; null of what is no version. */
function parseVersion(text: string): readonly number[] | null {
  const match = /^v?(\d{1,9})\.(\d{1,9})\.(\d{1,9})(-[\w.-]+)?(\+[\w.-]+)?$/.exec(text);
  return match === null ? null : [...match.slice(1, 4).map(Number), match[4] === undefined ? 1 : 0];
}

/** Whether the one version comes after the other, but for the order of versions before the same release; false for what is no version. */
export function isNewer(version: string, than: string): boolean {
  const [one, other] = [parseVersion(version), parseVersion(than)];
  if (one === null || other === null) return false;
  const at = one.findIndex((part, index) => part !== other[index]);
  return at >= 0 && (one[at] ?? 0) > (other[at] ?? 0);
}

async function readLatest(url: string, signal: AbortSignal): Promise<string | null> {
  const response = await fetch(url, { signal, headers: { accept: "application/json" } });
  if (!response.ok) {
    await response.body?.cancel();
    if (response.status === 404) return null;
    throw new Error(`it answered ${response.status}`);
  }
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of response.body ?? []) {
    bytes += piece.byteLength;
    if (bytes > MOST_BYTES) throw new Error(`its answer is longer than ${MOST_BYTES} bytes`);
    pieces.push(piece);
  }
  const tags = tagsSchema.safeParse(JSON.parse(Buffer.concat(pieces).toString()));
  if (!tags.success) throw new Error("its answer names no version");
  return tags.data.latest;
}

/**
 * Whether a registry has a newer version of the program. Never a failure: a machine without a way to the registry works as well, and
 * nothing is ever updated.
 *
 * @param program - The package and its own version.
 */
export function checkVersion(
  program: { readonly name: string; readonly version: string },
  settings: UpdateSettings,
  limitMs: number = LOOK_MS,
): DoctorCheck {
  const { name, version } = program;
  const base = settings.registry.replace(/\/+$/, "");
  return {
    name: "version",
    timeLimitMs: 2 * limitMs,
    async run(signal): Promise<Finding> {
      const url = `${base}/-/package/${name.replace("/", "%2f")}/dist-tags`;
      try {
        const latest = await readLatest(url, anySignal([signal, AbortSignal.timeout(limitMs)]));
        if (latest === null) return ok(`${version}; ${base} has no package ${name} to compare it with`);
        if (!isNewer(latest, version)) return ok(`${version}; ${base} has none that is newer`);
        return warn(`${version}; ${latest} is out`, `Read what changed, then update ${name} yourself: nothing does it for you.`);
      } catch {
        return ok(`${version}; whether there is a newer one cannot be told: ${base} gave no usable answer within ${limitMs / 1_000} s`);
      }
    },
  };
}
