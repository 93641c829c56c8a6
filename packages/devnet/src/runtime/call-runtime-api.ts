import { type ApiMethod, type RuntimeApi, type RuntimeApiHandlers, runtimeApis } from "../metadata/apis.js";
import { ByteSource } from "../scale/bytes.js";
import { encodeWith } from "../scale/codec.js";

/** The declared methods by the name that `state_call` uses: `Api_method`. */
const methods: ReadonlyMap<string, { readonly api: string; readonly method: string; readonly codecs: ApiMethod }> = new Map(
  Object.entries<RuntimeApi>(runtimeApis).flatMap(([api, { methods: declared }]) =>
    Object.entries(declared).map(([method, codecs]) => [`${api}_${method}`, { api, method, codecs }] as const),
  ),
);

/**
 * Answers a `state_call`.
 *
 * @param name - `Api_method`.
 * @param input - The encoded arguments, one after the other.
 * @returns The encoded output, `null` for a method that is not declared.
 * @throws ScaleError when the arguments cannot be decoded.
 */
export function callRuntimeApi(handlers: RuntimeApiHandlers, name: string, input: Uint8Array): Uint8Array | null {
  const declared = methods.get(name);
  if (declared === undefined) return null;
  const source = new ByteSource(input);
  const values = Object.fromEntries(Object.entries(declared.codecs.inputs).map(([key, codec]) => [key, codec.decode(source)]));
  // RuntimeApiHandlers has a handler of exactly the declared types for every declared method.
  const group = (handlers as unknown as Readonly<Record<string, Readonly<Record<string, (values: unknown) => unknown>>>>)[declared.api];
  const handler = group?.[declared.method];
  return handler === undefined ? null : encodeWith(declared.codecs.output, handler(values));
}
