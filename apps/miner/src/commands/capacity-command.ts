import { type ExitCode, exitCodes, renderTable, type Terminal } from "@vision/program";
import type { CapacityView } from "../capacity/capacity-api.js";
import { type CapacityWishes, parseWishes } from "../capacity/parse-wishes.js";
import type { MinerConfig } from "../config/miner-config.js";
import { askControl, type ControlReply } from "../control/ask-control.js";

/** `vision-miner capacity`: prints the capacity of a running miner, changed as wished. @returns The process's exit code. */
export async function capacityCommand(
  control: MinerConfig["control"],
  { wishes, isJson }: { readonly wishes: CapacityWishes; readonly isJson: boolean },
  { print, note }: Pick<Terminal, "print" | "note">,
): Promise<ExitCode> {
  if (control === undefined) {
    note("control.socket is not set: give the running miner, and this command, the path of a socket, e.g. --control-socket miner.sock.");
    return exitCodes.misused;
  }
  const reply = await change(control.socket, wishes);
  if (reply.kind === "away") {
    note(reply.reason);
    return exitCodes.unreachable;
  }
  if (reply.kind === "refused") {
    note(`Nothing was changed:\n${reply.problems.map((problem) => `  - ${problem}`).join("\n")}`);
    return exitCodes.misused;
  }
  print(isJson ? JSON.stringify(reply.capacity, null, 2) : describe(reply.capacity));
  return exitCodes.ok;
}

async function change(socket: string, wishes: CapacityWishes): Promise<ControlReply> {
  const before = await askControl(socket, null);
  if (before.kind !== "ok") return before;
  const parsed = parseWishes(wishes, before.capacity);
  if (!parsed.ok) return { kind: "refused", problems: parsed.problems };
  return parsed.change === null ? before : askControl(socket, parsed.change);
}

function describe({ tasks, pools, capacitySharing }: CapacityView): string {
  const rows = Object.entries(tasks).map(([id, task]) => {
    const part = task.pool === null ? "-" : `${pools[task.pool]?.tasks[id] ?? 0} of ${task.pool}`;
    return [id, part, task.declaredUnitsPerHour, task.concurrency, task.inFlight, task.isHealthy ? "up" : "away"].map(String);
  });
  const table = renderTable(["task", "machine", "declared per hour", "slots", "in flight", "backend"], rows);
  return `${table}\nShared ${capacitySharing}. Until the next start or reload; slots count at once, units from each validator's next period on.`;
}
