import {
  chainReportSchema,
  changeKeyRequestSchema,
  creditRequestSchema,
  historyReportSchema,
  liveReportSchema,
  minerNamesSchema,
  newKeyRequestSchema,
  newKeySchema,
  operatorReportSchema,
  PROTOCOL_VERSION,
  periodReportSchema,
  periodRequestsSchema,
  REACH_PATH,
  reachReportSchema,
  reachRequestSchema,
  requestReportSchema,
  usageReportSchema,
  VERDICTS_PATH,
  verdictsPageSchema,
  verdictsRequestSchema,
  wireErrorSchema,
} from "@vision/protocol";
import { z } from "zod";
import type { Endpoint } from "./endpoints/endpoint.js";
import { endpoints } from "./endpoints/index.js";

type JsonSchema = Readonly<Record<string, unknown>>;

/** What a caller sends, or gets, as JSON Schema. What only code can check (a refinement) is left to the error that it leads to. */
function toSchema(schema: z.ZodType, io: "input" | "output"): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: "draft-2020-12", io, unrepresentable: "any" });
  return rest;
}

const jsonOf = (schema: JsonSchema) => ({ "application/json": { schema } });
const errorAnswer = { description: "An error in OpenAI's shape.", content: jsonOf({ $ref: "#/components/schemas/Error" }) };
const refer = (name: string) => ({ description: name, content: jsonOf({ $ref: `#/components/schemas/${name}` }) });

function parameter(name: string, description: string) {
  return { name, in: "path", required: true, description, schema: { type: "string" } };
}

function get(summary: string, answer: object, parameters: readonly object[] = []) {
  return {
    get: { summary, security: [], ...(parameters.length > 0 ? { parameters } : {}), responses: { 200: answer, default: errorAnswer } },
  };
}

function plain(description: string) {
  return { description, content: jsonOf({ type: "object" }) };
}

/** A form has the same fields, with files in the place of data URLs. */
function toFormSchema(schema: JsonSchema, fileFields: readonly string[]): JsonSchema {
  const files = Object.fromEntries(fileFields.map((name) => [name, { type: "string", format: "binary" }]));
  return { ...schema, properties: { ...Object(schema["properties"]), ...files } };
}

function inferencePath({ path, family, requestSchema, readForm }: Endpoint) {
  const answer = {
    description: family.isStreamable ? "The answer, or its events where `stream` is true." : "The answer.",
    content: { ...jsonOf({ type: "object" }), ...(family.isStreamable ? { "text/event-stream": { schema: { type: "string" } } } : {}) },
  };
  const schema = toSchema(requestSchema, "input");
  const form = readForm === undefined ? {} : { "multipart/form-data": { schema: toFormSchema(schema, family.fileFields) } };
  const requestBody = { required: true, content: { ...jsonOf(schema), ...form } };
  return {
    post: {
      summary: path === family.path ? family.name : `${family.name}, in other words`,
      requestBody,
      responses: { 200: answer, default: errorAnswer },
    },
  };
}

/** With the operator's token in place of a key. */
function operatorPaths() {
  const id = [parameter("key", "A key's id.")];
  const body = (schema: z.ZodType) => ({ required: true, content: jsonOf(toSchema(schema, "input")) });
  const answer = (status: number, ok: object) => ({ security: [{ operator: [] }], responses: { [status]: ok, default: errorAnswer } });
  const done = answer(204, { description: "Done." });
  return {
    "/v1/operator": {
      get: { summary: "All keys with what they used, and the settings in force.", ...answer(200, refer("OperatorReport")) },
    },
    "/v1/operator/keys": {
      post: { summary: "Makes a key.", requestBody: body(newKeyRequestSchema), ...answer(201, refer("NewKey")) },
    },
    "/v1/operator/keys/{key}": {
      patch: { summary: "Changes a key's limits.", parameters: id, requestBody: body(changeKeyRequestSchema), ...done },
      delete: { summary: "Ends a key.", parameters: id, ...done },
    },
    "/v1/operator/keys/{key}/credit": {
      post: {
        summary: "Adds to the work units that are paid for of a key.",
        ...{ parameters: id, requestBody: body(creditRequestSchema), ...done },
      },
      delete: { summary: "Nothing need be paid in advance for the key any more.", parameters: id, ...done },
    },
  };
}

/** The API as OpenAPI 3.1, from the schemas that requests are parsed and reports are checked by. */
export function createOpenApi(): object {
  const period = parameter("period", "A period's number, or `latest`.");
  const models = { responses: { 200: plain("Models, as OpenAI lists them."), default: errorAnswer } };
  return {
    openapi: "3.1.0",
    info: {
      title: "Vision validator",
      version: String(PROTOCOL_VERSION),
      description: "Inference by the subnet's miners, and the public record.",
    },
    servers: [{ url: "/" }],
    security: [{ key: [] }],
    paths: {
      ...Object.fromEntries(endpoints.map((endpoint) => [endpoint.path, inferencePath(endpoint)])),
      "/v1/models": { get: { summary: "The models that are served.", ...models } },
      "/v1/models/{model}": {
        get: { summary: "One model.", parameters: [parameter("model", "A task's id or a model's name.")], ...models },
      },
      "/v1/requests/{request}": {
        get: {
          summary: "How a request went: which miners were asked, and what came of checking their answers. For the key that made it.",
          parameters: [parameter("request", "The request's `x-request-id`.")],
          responses: { 200: refer("RequestReport"), default: errorAnswer },
        },
      },
      "/v1/usage": {
        get: {
          summary: "What the key has used in the last 90 days, by day and task, its limits and what is left of its budget.",
          responses: { 200: refer("UsageReport"), default: errorAnswer },
        },
      },
      ...operatorPaths(),
      "/v1/live": get("What is going on now.", refer("LiveReport")),
      "/v1/live/events": get("The same as server-sent events, once a second.", {
        description: "Each event's data is a LiveReport.",
        content: { "text/event-stream": { schema: { type: "string" } } },
      }),
      "/v1/history": get("The newest closed periods in a few numbers, oldest first.", refer("HistoryReport")),
      "/v1/chain": get("The subnet on the chain, and what the validator has to do with it.", refer("ChainReport")),
      "/v1/names": get("What the operator calls miners.", refer("MinerNames")),
      [VERDICTS_PATH]: {
        post: {
          summary: "A miner's own checked answers, with what was found wrong; signed by both.",
          description: "With the headers of an Epistula version 2 request, signed by the miner's hotkey for the validator's.",
          security: [],
          requestBody: { required: true, content: jsonOf(toSchema(verdictsRequestSchema, "input")) },
          responses: { 200: refer("VerdictsPage"), default: errorAnswer },
        },
      },
      [REACH_PATH]: {
        post: {
          summary: "Connects back to the sender's own address, at a port, and tells what it saw.",
          security: [],
          requestBody: { required: true, content: jsonOf(toSchema(reachRequestSchema, "input")) },
          responses: { 200: refer("ReachReport"), default: errorAnswer },
        },
      },
      "/v1/periods/{period}": get("The public report of a closed period.", refer("PeriodReport"), [period]),
      "/v1/periods/{period}/scores": get("Its scores with every value in between.", plain("`EpochReport` of @vision/scoring."), [period]),
      "/v1/periods/{period}/requests": get(
        "All of its requests as dots in time, without whom they were sent to.",
        refer("PeriodRequests"),
        [period],
      ),
      "/v1/periods/{period}/observations": get(
        "What its scores were computed from.",
        plain("Parameters and observations: what `scoreEpoch` of @vision/scoring takes."),
        [period],
      ),
    },
    components: {
      securitySchemes: { key: { type: "http", scheme: "bearer" }, operator: { type: "http", scheme: "bearer" } },
      schemas: {
        Error: toSchema(wireErrorSchema, "output"),
        LiveReport: toSchema(liveReportSchema, "output"),
        HistoryReport: toSchema(historyReportSchema, "output"),
        ChainReport: toSchema(chainReportSchema, "output"),
        MinerNames: toSchema(minerNamesSchema, "output"),
        PeriodReport: toSchema(periodReportSchema, "output"),
        PeriodRequests: toSchema(periodRequestsSchema, "output"),
        ReachReport: toSchema(reachReportSchema, "output"),
        RequestReport: toSchema(requestReportSchema, "output"),
        UsageReport: toSchema(usageReportSchema, "output"),
        OperatorReport: toSchema(operatorReportSchema, "output"),
        NewKey: toSchema(newKeySchema, "output"),
        VerdictsPage: toSchema(verdictsPageSchema, "output"),
      },
    },
  };
}
