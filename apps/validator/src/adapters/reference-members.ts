import { isDeepStrictEqual } from "node:util";
import type { ReferenceSettings } from "../config/index.js";
import type { ReferenceModel } from "../ports/index.js";
import { createReferenceMember, type MemberDependencies, type ReferenceMember } from "./reference-member.js";

/** The references that the settings name at the moment. */
export type ReferenceMembers = {
  all(): readonly ReferenceMember[];
  settings(): readonly ReferenceSettings[];
  /** Goes by these settings from now on. Returns the tasks that have another model than before. */
  use(settings: readonly ReferenceSettings[]): ReadonlySet<string>;
  /** Closes all, those that are leaving among them. */
  close(): Promise<void>;
};

/** Opens what the settings name. */
export function createReferenceMembers(
  initial: readonly ReferenceSettings[],
  dependencies: MemberDependencies & { readonly createModel: (settings: ReferenceSettings) => ReferenceModel },
): ReferenceMembers {
  const { createModel } = dependencies;
  const open = (settings: ReferenceSettings, index: number) =>
    createReferenceMember({ settings, index, model: createModel(settings) }, dependencies);
  let current = initial;
  let members = current.map(open);
  const leaving = new Map<ReferenceMember, Promise<void>>();

  return {
    all: () => members,
    settings: () => current,
    use(next) {
      const free = new Set(members);
      const changed = new Set<string>();
      const before = members.map((member) => ({ member, tasks: member.settings().tasks }));
      members = next.map((each, index) => {
        const kept = [...free].find((member) => isSameModel(member.settings(), each));
        if (kept === undefined) {
          for (const id of each.tasks) changed.add(id);
          return open(each, index);
        }
        free.delete(kept);
        const had = before.find(({ member }) => member === kept)?.tasks ?? [];
        for (const id of each.tasks) if (!had.includes(id)) changed.add(id);
        kept.use(each, index);
        return kept;
      });
      for (const member of free) {
        for (const id of member.settings().tasks) changed.add(id);
        leaving.set(
          member,
          member.leave().finally(() => leaving.delete(member)),
        );
      }
      current = next;
      return changed;
    },
    async close() {
      // Those that are leaving may have something under way, which is not waited for.
      await Promise.all([...members, ...leaving.keys()].map((member) => member.close()));
    },
  };
}

/** Whether two settings name the same model, for whichever tasks. */
function isSameModel(one: ReferenceSettings, other: ReferenceSettings): boolean {
  return isDeepStrictEqual({ ...one, tasks: [] }, { ...other, tasks: [] });
}
