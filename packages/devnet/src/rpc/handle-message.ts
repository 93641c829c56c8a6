import { authorMethods } from "./author-methods.js";
import { chainMethods } from "./chain-methods.js";
import { devMethods } from "./dev-methods.js";
import { errorResponse, parseMessage, RpcError, type RpcRequest, type RpcResponse, resultResponse, rpcCodes } from "./json-rpc.js";
import type { MethodContext, Methods } from "./methods.js";
import { stateMethods } from "./state-methods.js";
import { systemMethods } from "./system-methods.js";

const declared: Methods = { ...chainMethods, ...stateMethods, ...authorMethods, ...systemMethods, ...devMethods };
const names = [...Object.keys(declared), "rpc_methods"].sort();
const methods = new Map(Object.entries<Methods[string]>({ ...declared, rpc_methods: () => ({ methods: names }) }));

/** Answers one text message: a response, or a list of them for a batch. */
export function handleMessage(text: string, context: MethodContext): RpcResponse | readonly RpcResponse[] {
  try {
    const { isBatch, requests } = parseMessage(text);
    const responses = requests.map((each) => (each.ok ? handleRequest(each.request, context) : errorResponse(null, each.error)));
    const [first] = responses;
    return isBatch || first === undefined ? responses : first;
  } catch (error) {
    if (error instanceof RpcError) return errorResponse(null, error);
    throw error;
  }
}

function handleRequest(request: RpcRequest, context: MethodContext): RpcResponse {
  const method = methods.get(request.method);
  if (method === undefined) return errorResponse(request.id, new RpcError(rpcCodes.methodNotFound, "Method not found"));
  try {
    return resultResponse(request.id, method(request.params, context));
  } catch (error) {
    if (error instanceof RpcError) return errorResponse(request.id, error);
    const message = error instanceof Error ? error.message : String(error);
    return errorResponse(request.id, new RpcError(rpcCodes.internal, "Internal error", message));
  }
}
