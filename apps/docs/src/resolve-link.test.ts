import { describe, expect, it } from "@jest/globals";
import { resolveLink } from "./resolve-link.js";

const places = new Map([
  ["docs/chain.md", "chain.md"],
  ["docs/mining/mainnet.md", "mining/mainnet.md"],
  ["packages/sdk/README.md", "packages/sdk.md"],
  ["ops/systemd/vision-miner.service", "source/ops/systemd/vision-miner.service.md"],
]);

describe("resolveLink", () => {
  it.each([
    ["of a page beside it", "../chain.md", "docs/mining/mainnet.md", "/chain.md"],
    ["of a heading on another page", "docs/mining/mainnet.md#behind-nat", "README.md", "/mining/mainnet.md#behind-nat"],
    ["of a folder with a README", "packages/sdk/", "README.md", "/packages/sdk.md"],
    [
      "of a file that is no page",
      "../../ops/systemd/vision-miner.service",
      "docs/mining/mainnet.md",
      "/source/ops/systemd/vision-miner.service.md",
    ],
    ["elsewhere", "https://example.com/a.md", "README.md", "https://example.com/a.md"],
    ["within the page", "#docker", "ops/README.md", "#docker"],
    ["of a file that is not there", "../gone.md", "docs/mining/mainnet.md", "../gone.md"],
  ])("makes a link %s one that the site knows, or leaves it", (_what, href, from, expected) => {
    expect(resolveLink(href, from, places)).toBe(expected);
  });
});
