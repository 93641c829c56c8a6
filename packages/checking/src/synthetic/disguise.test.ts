import { describe, expect, it } from "@jest/globals";
import { createSeededRandom } from "@vision/scoring/probing";
import { createDisguise, disguiseRequest } from "./disguise.js";

const disguise = (seed = "one") => createDisguise(createSeededRandom(seed, []));

describe("a disguise", () => {
  it("swaps names, countries, numbers and addresses, the same one for the same one, and nothing else", () => {
    const text = "Alice (alice@mail.example.org, 4711) moved to Peru in 2019.\n\tAlice's code is `f(1, 2048)`; utf8, ab12 and Write stay.";
    const swapped = disguise().apply(text);
    const [, name, address, number, country, year, again, size] =
      /^(\w+) \((\S+), (\d+)\) moved to ([\w ]+) in (\d+)\.\n\t(\w+)'s code is `f\(1, (\d+)\)`; utf8, ab12 and Write stay\.$/.exec(
        swapped,
      ) ?? [];
    expect(again).toBe(name);
    expect([number?.length, year?.length, size?.length]).toEqual([4, 4, 4]);
    expect(address).toMatch(/^[a-z]+\d\d@mail\.example\.org$/);
    expect([name, country, number, year, size]).not.toEqual(["Alice", "Peru", "4711", "2019", "2048"]);
    expect(swapped).not.toContain("alice@");
    expect(disguise("two").apply(text)).not.toBe(swapped);
    expect(disguise().apply(text)).toBe(swapped);
  });

  it("looks at what users wrote only: no field but texts, no name of a field, and no picture", () => {
    const picture = "data:image/png;base64,Alice2048";
    const request = {
      ...{ model: "gpt-4711", temperature: 0.75, max_tokens: 2048, seed: 4711, stop: ["2048"] },
      messages: [
        { role: "system", content: "You are Alice." },
        {
          role: "user",
          content: [
            { type: "text", text: "Call 4711." },
            { type: "image_url", image_url: { url: picture } },
          ],
        },
      ],
    };
    const changed = disguiseRequest(request, disguise());
    const { messages: before, ...fields } = request;
    expect(changed).toMatchObject(fields);
    const said = JSON.stringify(changed["messages"]);
    expect(said).not.toMatch(/You are Alice\b|Call 4711/);
    expect(said).toContain(picture);
    expect(Object.keys(changed)).toEqual(Object.keys(request));
    expect(JSON.stringify(before)).toContain("You are Alice.");
  });

  it("does not pass on by which marks an application knows its users", () => {
    const request = { user: "user-4f1E-77", metadata: { session: "abc-123" }, messages: [], response_format: { type: "text" } };
    const changed = disguiseRequest(request, disguise());
    expect(changed).toMatchObject({ messages: [], response_format: { type: "text" } });
    expect(changed["user"]).not.toBe(request.user);
    expect(changed["user"]).toMatch(/^[g-z][g-z][a-f][g-z]-\d[a-f]\d[A-F]-\d\d$/);
    expect(JSON.stringify(changed["metadata"])).toMatch(/^\{"session":"[a-f]{3}-\d{3}"\}$/);
    // The same user all through a conversation.
    const own = disguise();
    expect(disguiseRequest(request, own)).toEqual(disguiseRequest(request, own));
  });
});
