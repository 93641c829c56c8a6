import { capacityRequestSchema, capacityResponseSchema, PROTOCOL_VERSION } from "@vision/protocol";
import { z } from "zod";
import { backendConfigSchema } from "../../apps/miner/src/config/backend-config.js";
import { minerProgram } from "../../apps/miner/src/config/miner-config.js";
import { referencesSetting } from "../../apps/validator/src/config/reference-settings.js";
import { validatorProgram } from "../../apps/validator/src/config/schema.js";
import { tasksFileSchema } from "../../apps/validator/src/config/tasks-file.js";

const ourVersion = z.looseObject({ protocolVersion: z.literal(PROTOCOL_VERSION) });

/** What a block of JSON can be, and the schema that the programs read it with. Settings may be some of a file's; none may be unknown. */
const kinds = {
  miner: z.strictObject(minerProgram.shape).partial(),
  validator: z.strictObject(validatorProgram.shape).partial(),
  tasks: tasksFileSchema,
  backend: backendConfigSchema,
  reference: z.unknown().transform((value) => referencesSetting.parse([value])),
  capacityRequest: capacityRequestSchema.and(ourVersion),
  capacityResponse: capacityResponseSchema.and(ourVersion),
} as const;

/** What a block of JSON is. `replaced`: words for what only its reader has. */
export type JsonKind = { readonly kind: keyof typeof kinds; readonly replaced?: Readonly<Record<string, string>> };

/** What is wrong with a block of JSON, a line each. */
export function checkJsonBlock(text: string, { kind, replaced = {} }: JsonKind): readonly string[] {
  const filled = Object.entries(replaced).reduce((filling, [words, value]) => filling.replace(words, value), text);
  try {
    const result = kinds[kind].safeParse(JSON.parse(filled));
    return result.success ? [] : [z.prettifyError(result.error)];
  } catch (error) {
    return [String(error)];
  }
}
