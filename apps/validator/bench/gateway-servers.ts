import { type ChildProcess, fork, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpus } from "node:os";
import { startTestPostgres } from "../src/testing/test-postgres.js";
import type { ProcessUsage } from "./process-usage.js";

/** Where requests go. */
export type Place = { readonly url: string; readonly path: string; readonly headers: Readonly<Record<string, string>> };

/** Something between users and answers, a process of its own. */
export type MeasuredServer = { readonly name: string; readonly place: Place; usage(): Promise<ProcessUsage> };

/** What there is to measure. */
export type Servers = {
  /** The model server that the others but the gateway stand in front of. */
  readonly direct: Place;
  readonly measured: readonly MeasuredServer[];
  stop(): Promise<void>;
};

/** Where the bundled programs are, and what they are started with. */
export type ServersOptions = {
  readonly paths: Readonly<Record<string, string>>;
  /** Where CPU profiles of the gateway's threads go, one file each; null for none. */
  readonly profileFolder: string | null;
  /** Where Portkey's gateway is started from; null where it is not measured. */
  readonly portkeyEntry: string | null;
};

type Hello = { readonly url: string; readonly key: string };
type Started<Message> = { readonly child: ChildProcess; readonly hello: Message };

const PORTKEY_PORT = 18_787;
/** Where processes can be kept to one core: the measured ones to the first, everything else to the others. */
const canPin = process.platform === "linux" && cpus().length > 1 && spawnSync("taskset", ["--version"]).status === 0;

/** Keeps this process, and what it starts from now on, off the measured ones' core. Returns whether that can be done here. */
export function leaveMeasuredCore(): boolean {
  if (canPin) spawnSync("taskset", ["--all-tasks", "--cpu-list", "--pid", `1-${cpus().length - 1}`, String(process.pid)]);
  return canPin;
}

/** Starts the gateway with its miners and its database, a bare pass-through, Portkey's gateway where it is wanted, and the model server of these two. */
export async function startServers({ paths, profileFolder, portkeyEntry }: ServersOptions): Promise<Servers> {
  const children: ChildProcess[] = [];
  const start = (
    path: string,
    environment: Readonly<Record<string, string>>,
    { isMeasured = false, args = [] as string[], execArgv = [] as string[] } = {},
  ) => {
    const pinned =
      isMeasured && canPin ? { execPath: "taskset", execArgv: ["--cpu-list", "0", process.execPath, ...execArgv] } : { execArgv };
    const child = fork(path, args, { env: { ...process.env, ...environment }, ...pinned });
    children.push(child);
    return child;
  };
  const greeted = async <Message>(child: ChildProcess): Promise<Started<Message>> => {
    const [hello] = (await once(child, "message")) as [Message];
    return { child, hello };
  };
  const at = (name: string) => paths[name] ?? "";
  const stop = async () => {
    for (const child of children) if (child.connected) child.disconnect();
    await postgres.stop();
  };

  const postgres = await startTestPostgres();
  try {
    const miners = [];
    for (const uri of ["//miner", "//miner2", "//miner3", "//miner4"]) {
      miners.push((await greeted(start(at("miner"), { ANSWER_TOKENS: "asked", MINER_URI: uri }))).hello);
    }
    const { hello: upstream } = await greeted<Hello>(start(at("upstream"), {}));
    const through = await greeted<Hello>(start(at("passThrough"), { UPSTREAM_PORT: new URL(upstream.url).port }, { isMeasured: true }));
    const gateway = await greeted<Hello>(
      start(
        at("process"),
        {
          ...{ MINERS: JSON.stringify(miners), DATABASE: await postgres.createDatabase() },
          ...{ GATEWAY_MODULE: at("gatewayThread"), PROBER_MODULE: at("proberThread") },
        },
        { isMeasured: true, execArgv: profileFolder === null ? [] : ["--cpu-prof", `--cpu-prof-dir=${profileFolder}`] },
      ),
    );
    const measured = [toServer("gateway", gateway), toServer("node:http pass-through", through)];
    if (portkeyEntry !== null) {
      const child = start(
        portkeyEntry,
        {},
        { isMeasured: true, args: ["--headless", `--port=${PORTKEY_PORT}`], execArgv: ["--import", at("answerUsage")] },
      );
      const url = `http://127.0.0.1:${PORTKEY_PORT}`;
      await untilServing(url, child);
      const portkey = toServer("Portkey", { child, hello: { url, key: "none" } });
      const headers = { ...portkey.place.headers, "x-portkey-provider": "openai", "x-portkey-custom-host": `${upstream.url}/v1` };
      measured.push({ ...portkey, place: { ...portkey.place, headers } });
    }
    return { direct: toPlace(upstream), measured, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function toPlace({ url, key }: Hello): Place {
  return { url, path: "/v1/chat/completions", headers: { authorization: `Bearer ${key}` } };
}

function toServer(name: string, { child, hello }: Started<Hello>): MeasuredServer {
  return {
    name,
    place: toPlace(hello),
    async usage() {
      child.send("usage");
      const [usage] = (await once(child, "message")) as [ProcessUsage];
      return usage;
    },
  };
}

async function untilServing(url: string, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode} before it served`);
    const isServing = await fetch(url).then(
      () => true,
      () => false,
    );
    if (isServing) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
