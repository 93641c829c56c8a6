import { chatCompletions } from "./chat-completions/family.js";
import { completions } from "./completions/family.js";
import { embeddings } from "./embeddings/family.js";
import type { Family, RequestBody } from "./family.js";
import { imageEdits } from "./image-edits/family.js";
import { imageGeneration } from "./image-generation/family.js";

// The registry of families: a new one is one line here, and everything that needs to know of it fails to compile until it does.
const registry = [chatCompletions, completions, imageGeneration, imageEdits, embeddings] as const;

type RegisteredFamily = (typeof registry)[number];

/** Name of a task family. */
export type FamilyName = RegisteredFamily["name"];

/** A family of whatever request type; see {@link Family}. */
export type TaskFamily<Request = RequestBody> = Family<FamilyName, Request>;

type RequestOf<Registered> = Registered extends Family<string, infer Request> ? Request : never;

/** What each family's schema parses, by name. */
export type FamilyRequests = { readonly [Registered in RegisteredFamily as Registered["name"]]: RequestOf<Registered> };

/** One function for each family, each with its own request type: what backends and generators are made of. */
export type FamilyHandlers<Arguments extends readonly unknown[], Result> = {
  readonly [Name in FamilyName]: (request: FamilyRequests[Name], ...rest: Arguments) => Result;
};

/** Names of the task families. */
export const familyNames: readonly FamilyName[] = registry.map(({ name }) => name);

/** All families. */
export const families: readonly TaskFamily[] = registry;

const familyByName = new Map<FamilyName, TaskFamily>(families.map((family) => [family.name, family]));

/** The family of a name. */
export function getFamily(name: FamilyName): TaskFamily {
  const family = familyByName.get(name);
  if (family === undefined) throw new TypeError(`there is no family ${name}`);
  return family;
}

/**
 * What the handler of a request's family makes of it; null where there is none for the family. The one place that takes a request of any family for one of the named family's.
 *
 * @param request - Parsed by the schema of the family of this name.
 */
export function handleByFamily<Arguments extends readonly unknown[], Result>(
  handlers: Partial<FamilyHandlers<Arguments, Result>>,
  name: FamilyName,
  request: RequestBody,
  ...rest: Arguments
): Result | null {
  const handle = handlers[name] as ((request: RequestBody, ...rest: Arguments) => Result) | undefined;
  return handle === undefined ? null : handle(request, ...rest);
}
