import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { describe, expect, it } from "@jest/globals";
import { createHeldTimes } from "../services/held-times.js";
import { createBodyReader } from "./read-body.js";

const bounds = { bytes: 8_000_000, values: 1_000 };

function requestOf(body: string, contentType: string): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  request.headers = { "content-type": contentType };
  request.push(body);
  request.push(null);
  return request;
}

/** What is booked on a sender, on a clock that goes on by a millisecond with each look. */
function meterByLooks() {
  let looks = 0;
  const clock = { monotonicMs: () => ++looks, cpuMs: () => ++looks };
  return createHeldTimes(clock).meter("10.0.0.1");
}

describe("createBodyReader", () => {
  it("a form cost its sender nothing, however long it took to be read: it is booked as JSON is", async () => {
    const bodies = createBodyReader();
    const ofJson = meterByLooks();
    expect(await bodies.readJson(requestOf("[1]", "application/json"), { bounds, work: ofJson })).toBe("[1]");
    expect(ofJson.heldMs()).toBeGreaterThan(0);

    const ofForm = meterByLooks();
    const picture = "x".repeat(2_000_000);
    const body = `--b\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n\r\n${picture}\r\n--b--\r\n`;
    const form = await bodies.readForm(requestOf(body, "multipart/form-data; boundary=b"), { bounds, work: ofForm });
    expect((form.get("image") as File).size).toBe(picture.length);
    // The reading that is waited for, beside what it took to begin it.
    expect(ofForm.heldMs()).toBeGreaterThan(ofJson.heldMs());
  });
});
