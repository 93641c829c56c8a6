import { chatCompletions } from "./chat-completions.js";
import { completions } from "./completions.js";
import type { FamilyName, TaskFamily } from "./family.js";
import { imageGeneration } from "./image-generation.js";

// A family's methods take its own request type. Code that works with any family holds a request that this same family's schema parsed.
const familyByName: Readonly<Record<FamilyName, TaskFamily>> = {
  "chat-completions": chatCompletions as TaskFamily,
  completions: completions as TaskFamily,
  "image-generation": imageGeneration as TaskFamily,
};

/** The family of a name. */
export function getFamily(name: FamilyName): TaskFamily {
  return familyByName[name];
}

/** All families. */
export const families: readonly TaskFamily[] = Object.values(familyByName);
