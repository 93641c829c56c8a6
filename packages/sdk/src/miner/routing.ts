import { families, protocolLimits, routes, type TaskFamily } from "@vision/protocol";

/** What a path leads to. */
export type Endpoint = { readonly path: string; readonly maxRequestBytes: number; readonly isAuthenticated: boolean } & (
  | { readonly kind: "hello" }
  | { readonly kind: "capacity" }
  | { readonly kind: "status" }
  | { readonly kind: "alive" }
  | { readonly kind: "ready" }
  | { readonly kind: "inference"; readonly family: TaskFamily }
);

const control = (["hello", "capacity", "status", "alive", "ready"] as const).map((kind): [string, Endpoint] => {
  const { method, path, maxRequestBytes, authentication } = routes[kind];
  // A hello is checked in full by itself, but its headers can be looked at before its body is read all the same.
  return [`${method} ${path}`, { kind, path, maxRequestBytes, isAuthenticated: authentication !== "none" }];
});

const inference = families.map((family): [string, Endpoint] => [
  `POST ${family.path}`,
  { kind: "inference", family, path: family.path, maxRequestBytes: protocolLimits.requestBytes, isAuthenticated: true },
]);

const endpoints = new Map<string, Endpoint>([...control, ...inference]);

/** The endpoint of a method and a path with query string, or `null`. */
export function findEndpoint(method: string, path: string): Endpoint | null {
  const query = path.indexOf("?");
  return endpoints.get(`${method} ${query === -1 ? path : path.slice(0, query)}`) ?? null;
}
