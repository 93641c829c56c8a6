import { describe, expect, it } from "@jest/globals";
import { defaultTasks } from "@vision/protocol";
import { createManualClock } from "../testing/manual-clock.js";
import { createDeclarations } from "./declarations.js";

const hourMs = 3_600_000;
const [task] = defaultTasks.filter(({ id }) => id === "chat-tiny");
if (task === undefined) throw new Error("no task chat-tiny");
const capacities = new Map([["chat-tiny", { capacityPerHour: 7, sampler: "llama.cpp" as const }]]);

describe("createDeclarations", () => {
  it("lets a declaration stand for three hours, or three periods if they are longer, not for ever", async () => {
    const clock = createManualClock();
    const hourly = createDeclarations(clock, hourMs);
    const daily = createDeclarations(clock, 24 * hourMs);
    hourly.heard("alice", capacities);
    daily.heard("alice", capacities);
    await clock.advance(2.5 * hourMs);
    expect([hourly.capacityPerHour("alice", "chat-tiny"), hourly.capacityPerHour("alice", "image-tiny")]).toEqual([7, 0]);
    expect(hourly.declared("alice", task)).toEqual({ capacityPerHour: 7, sampler: "llama.cpp" });
    expect(hourly.declared("bob", task)).toEqual({ capacityPerHour: 0, sampler: "gumbel-murmur3" });
    await clock.advance(hourMs);
    expect([hourly.capacityPerHour("alice", "chat-tiny"), daily.capacityPerHour("alice", "chat-tiny")]).toEqual([0, 7]);
  });

  it("forgets who was silent when it was asked fairly, and who has left", () => {
    const declarations = createDeclarations(createManualClock(), hourMs);
    for (const hotkey of ["alice", "bob", "carol"]) declarations.heard(hotkey, capacities);
    declarations.silent("alice");
    declarations.keepOnly(new Set(["alice", "bob"]));
    expect(["alice", "bob", "carol"].map((hotkey) => declarations.capacityPerHour(hotkey, "chat-tiny"))).toEqual([0, 7, 0]);
  });
});
