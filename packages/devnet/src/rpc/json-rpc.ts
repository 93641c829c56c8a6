import { z } from "zod";

/** A failure as JSON-RPC reports it. */
export class RpcError extends Error {
  override readonly name = "RpcError";

  constructor(
    readonly code: number,
    message: string,
    readonly data?: string,
  ) {
    super(message);
  }
}

/** Codes of JSON-RPC itself. */
export const rpcCodes = {
  parse: -32_700,
  invalidRequest: -32_600,
  methodNotFound: -32_601,
  invalidParams: -32_602,
  internal: -32_603,
} as const;

const id = z.union([z.string(), z.number(), z.null()]);

const requestSchema = z.object({
  jsonrpc: z.literal("2.0").optional(),
  id: id.optional(),
  method: z.string().max(200),
  params: z.array(z.unknown()).optional(),
});

/** One request of a message; a batch has several. */
export type RpcRequest = { readonly id: string | number | null; readonly method: string; readonly params: readonly unknown[] };

/** Requests of a message, each parsed or the reason why not. */
export type ParsedMessage = {
  readonly isBatch: boolean;
  readonly requests: readonly ({ readonly ok: true; readonly request: RpcRequest } | { readonly ok: false; readonly error: RpcError })[];
};

/** Most requests that one batch may hold. */
const MAX_BATCH = 1000;

/**
 * Parses a text message: one request or a batch.
 *
 * @throws {@link RpcError} for text that is not JSON, and for an empty or oversized batch.
 */
export function parseMessage(text: string): ParsedMessage {
  const json = parseJson(text);
  const isBatch = Array.isArray(json);
  const items: readonly unknown[] = isBatch ? json : [json];
  if (items.length === 0 || items.length > MAX_BATCH) throw new RpcError(rpcCodes.invalidRequest, "Invalid request");
  const requests = items.map((item) => {
    const parsed = requestSchema.safeParse(item);
    if (!parsed.success) return { ok: false, error: new RpcError(rpcCodes.invalidRequest, "Invalid request") } as const;
    const { id: requestId = null, method, params = [] } = parsed.data;
    return { ok: true, request: { id: requestId, method, params } } as const;
  });
  return { isBatch, requests };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new RpcError(rpcCodes.parse, "Parse error");
  }
}

/** A response as an object to be serialised. */
export type RpcResponse =
  | { readonly jsonrpc: "2.0"; readonly id: RpcRequest["id"]; readonly result: unknown }
  | {
      readonly jsonrpc: "2.0";
      readonly id: RpcRequest["id"];
      readonly error: { readonly code: number; readonly message: string; readonly data?: string };
    };

/** The response to a request that went well. */
export function resultResponse(requestId: RpcRequest["id"], result: unknown): RpcResponse {
  return { jsonrpc: "2.0", id: requestId, result: result ?? null };
}

/** The response to a request that failed. */
export function errorResponse(requestId: RpcRequest["id"], error: RpcError): RpcResponse {
  const { code, message, data } = error;
  return { jsonrpc: "2.0", id: requestId, error: data === undefined ? { code, message } : { code, message, data } };
}
