import type { DevNode } from "../node/dev-node.js";
import type { Connection } from "./connection.js";

/** What a method may use: the node, the client that asked, and the server for what concerns all clients. */
export type MethodContext = {
  readonly node: DevNode;
  readonly connection: Connection;
  readonly chainName: string;
  /** Ends the connections of all clients. */
  readonly disconnectAll: () => void;
};

/** A JSON-RPC method. It throws `RpcError` to refuse. */
export type Method = (params: readonly unknown[], context: MethodContext) => unknown;

/** Methods by name. */
export type Methods = Readonly<Record<string, Method>>;
