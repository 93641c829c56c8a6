import { afterEach, describe, expect, it, jest } from "@jest/globals";

describe("the tests' environment", () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  it("finds the language's own names before the global object, which is slow to ask", () => {
    const kept = Object.getOwnPropertyDescriptor(globalThis, "Math") ?? {};
    Reflect.deleteProperty(globalThis, "Math");
    try {
      expect(Math.max(1, 2)).toBe(2);
    } finally {
      Object.defineProperty(globalThis, "Math", kept);
    }
    expect(globalThis.Math).toBe(Math);
  });

  it("has the arrays of bytes that Node has, and a clock that a test can set", () => {
    expect(Buffer.from("a")).toBeInstanceOf(Uint8Array);
    jest.useFakeTimers({ now: 12 });
    expect(new Date().toISOString()).toBe("1970-01-01T00:00:00.012Z");
  });
});
