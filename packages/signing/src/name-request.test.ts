import { beforeAll, describe, expect, it } from "@jest/globals";
import { createHotkeyFromUri } from "./hotkey.js";
import { nameRequest } from "./name-request.js";
import { ready } from "./ready.js";
import { signRequest } from "./sign-request.js";

beforeAll(() => ready());

describe("nameRequest", () => {
  it("is the beginning of a MAC, or of a signature, and another for every request", () => {
    expect(nameRequest({ "vision-mac": "0123456789abcdef".repeat(4), "vision-session": "ff".repeat(16) })).toBe("0123456789abcdef");
    const hotkey = createHotkeyFromUri("//Alice");
    const sign = (uuid: string) => signRequest({ hotkey, body: Buffer.from("{}"), signedFor: hotkey.address, uuid, timestampMs: 1 });
    const [one, other] = [sign("a"), sign("b")].map(nameRequest);
    expect(one).toMatch(/^[0-9a-f]{16}$/);
    expect(one).not.toBe(other);
  });

  it("is none of what has neither", () => {
    expect(nameRequest({})).toBeNull();
    expect(nameRequest({ "vision-mac": ["a", "b"] })).toBeNull();
  });
});
