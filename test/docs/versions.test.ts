import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { encodeVote } from "@vision/chain";
import { PROTOCOL_VERSION } from "@vision/protocol";
import { BACKEND_SPECIFICATION_VERSION } from "@vision/sdk/backends";
import { migrations } from "../../apps/validator/src/adapters/postgres/migrations/index.js";

const page = readFileSync(join(import.meta.dirname, "..", "..", "docs", "protocol.md"), "utf8");

/** What the table under Compatibility says of each, by the first word of its row. */
const documented = new Map(
  [...(page.split("## Compatibility")[1] ?? "").matchAll(/^\| (protocol|backend|votes|database)[^|]*\| ([^|]+) \|/gm)].map(
    ([, what, version]) => [what, version],
  ),
);

describe("the table of versions in docs/protocol.md", () => {
  it("says what the code says", () => {
    expect(Object.fromEntries(documented)).toEqual({
      protocol: PROTOCOL_VERSION,
      backend: String(BACKEND_SPECIFICATION_VERSION),
      votes: String(encodeVote(new Map([["chat-tiny", 1_000_000]]))[1]),
      database: String(migrations.at(-1)?.number),
    });
  });

  it("is of the version that the page begins with", () => {
    expect(page).toContain(`between a validator and a miner, version ${PROTOCOL_VERSION}.`);
  });
});
