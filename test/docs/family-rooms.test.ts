import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { familyNames } from "@vision/protocol";

const root = join(import.meta.dirname, "..", "..");

/** Where code may know families by name. Everything else asks the family. */
const places: Readonly<Record<string, string>> = {
  "packages/protocol/src/families": "the rooms and their registry",
  "packages/sdk/src/backends/tiny/answer-by-family.ts": "the backend map",
  "packages/checking/src/synthetic/draw-request.ts": "the generators",
  // What follows knows some family and need not be touched when another is added.
  "packages/protocol/src/registry/default-tasks.ts": "tasks of a family",
  "packages/protocol/src/index.ts": "what is exported",
  "packages/sdk/src/backends/text": "the families that answer with text",
  "packages/sdk/src/backends/openai/normalise-answer.ts": "what servers of text write otherwise",
  "packages/sdk/src/backends/image-sampling.ts": "the families that answer with images",
  "packages/sdk/src/backends/tiny/tiny-embeddings.ts": "vectors",
  "packages/sdk/src/testing/fake-answer.ts": "answers of fake backends",
  "packages/checking/src/embedded/embedded-prompts.ts": "prompts as the embedded models read them",
  "packages/checking/src/written/write-conversation.ts": "the families whose requests a model of text can write",
  "packages/checking/src/text/text-requests.ts": "the families that answer with text, as reference models read them",
  "apps/dashboard/src/pages/playground-page.tsx": "what the page lets people try",
  "apps/validator/src/domain/new-task.ts": "what a server of text can serve",
  "apps/validator/src/testing/fake-miner-client.ts": "answers of fake miners",
  "apps/localnet/src": "what the demonstration asks and answers",
};

function sourceFiles(): readonly string[] {
  return ["packages", "apps"]
    .flatMap((group) => readdirSync(join(root, group), { withFileTypes: true }).map(({ name }) => join(root, group, name, "src")))
    .flatMap((folder) => {
      try {
        return readdirSync(folder, { withFileTypes: true, recursive: true });
      } catch {
        return []; // a workspace without sources
      }
    })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !/\.test\.tsx?$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join("/"));
}

describe("a family is a room", () => {
  it("nothing else knows families by name", () => {
    const name = new RegExp(`["'](?:${familyNames.join("|")})["']|\\b(?:${familyNames.filter((each) => !each.includes("-")).join("|")}): `);
    const knowing = sourceFiles().filter((file) => name.test(readFileSync(join(root, file), "utf8")));
    expect(knowing.length).toBeGreaterThan(0);
    const isPlace = (file: string) => Object.keys(places).some((place) => file === place || file.startsWith(`${place}/`));
    expect(knowing.filter((file) => !isPlace(file))).toEqual([]);
  });
});
