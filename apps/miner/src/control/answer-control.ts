import { type Logger, type Miner, VisionError } from "@vision/sdk";
import { capacityChangeSchema, mergeCapacity, viewCapacity } from "../capacity/capacity-api.js";
import type { ControlAnswer, ControlRequest } from "./control-server.js";

/** What the API acts on. */
export type Controlled = {
  readonly miner: Pick<Miner, "getCapacity" | "getInFlight" | "getHealth" | "changeCapacity">;
  readonly logger: Pick<Logger, "info" | "warn">;
};

const PATH = "/v1/capacity";

/**
 * Answers the API: `GET /v1/capacity` tells the capacity in force, `PATCH /v1/capacity` changes what its body names and tells what is in
 * force then. A change that has a mistake changes nothing: 400 with `problems`.
 */
export function answerControl({ method, path, body }: ControlRequest, { miner, logger }: Controlled): ControlAnswer {
  if (path.split("?")[0] !== PATH) return { status: 404, body: { problems: [`Only ${PATH} is served here.`] } };
  if (method === "GET") return { status: 200, body: viewCapacity(miner) };
  if (method !== "PATCH") return { status: 405, body: { problems: ["Only GET and PATCH are known here."] } };
  const parsed = capacityChangeSchema.safeParse(body);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.map(String).join(".") || "the body"}: ${issue.message}`);
    return { status: 400, body: { problems } };
  }
  try {
    miner.changeCapacity(mergeCapacity(miner.getCapacity(), parsed.data));
  } catch (error) {
    if (!VisionError.isInstance(error) || error.code !== "SDK_INVALID_OPTIONS") throw error;
    return { status: 400, body: { problems: error.facts["mistakes"] } };
  }
  logger.info("The capacity was changed at the control socket, until the next start or reload", { change: parsed.data });
  return { status: 200, body: viewCapacity(miner) };
}
