import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { z } from "zod";
import { type CutOptions, cutDistances, truncationOf } from "./candidates.js";
import { drawToken } from "./draw-token.js";
import { drawHash, gumbelNoise, sglangNoise } from "./gumbel-noise.js";
import { type DrawnAnswer, MAX_MARGIN_NATS, measureDraws } from "./measure-draws.js";
import { measureSurprise } from "./measure-surprise.js";
import { createMersenneTwister } from "./mersenne-twister.js";
import type { SamplerName } from "./samplers.js";
import { readSamplingRules } from "./sampling-rules.js";
import type { ScoredPosition } from "./scored-position.js";

// Recorded from vLLM 0.32.0: v1/worker/gpu/sample/gumbel.py, executed in Triton's interpreter.
const vectors = z
  .object({
    noise: z.array(z.object({ seed: z.string(), pos: z.number(), hash: z.array(z.number()), gumbel: z.array(z.number()) })),
    sampling: z.object({
      vocabulary: z.number(),
      cases: z.array(
        z.object({ temperature: z.number(), seed: z.array(z.string()), pos: z.array(z.number()), token: z.array(z.number()) }),
      ),
    }),
  })
  .parse(JSON.parse(readFileSync(new URL("../../test/fixtures/vllm-gumbel.vectors.json", import.meta.url), "utf8")));

/** All tokens of a distribution, the likeliest first. */
function sorted(logits: readonly number[]) {
  const tokenIds = logits.map((_, id) => id).sort((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0) || a - b);
  return { tokenIds, logits: tokenIds.map((id) => logits[id] ?? 0) };
}

function toLogprobs(logits: readonly number[]): readonly number[] {
  const largest = Math.max(...logits);
  const sum = logits.reduce((total, logit) => total + Math.exp(logit - largest), 0);
  return logits.map((logit) => logit - largest - Math.log(sum));
}

/** A position as a reference that lists the k best would report it. */
function positionOf(logits: readonly number[], tokenId: number, k = 20): ScoredPosition {
  const logprobs = toLogprobs(logits);
  const { tokenIds } = sorted(logits);
  const bestIds = tokenIds.slice(0, k);
  return {
    tokenId,
    logprob: logprobs[tokenId] ?? 0,
    rank: tokenIds.indexOf(tokenId),
    bestIds,
    bestLogprobs: bestIds.map((id) => logprobs[id] ?? 0),
  };
}

/** Logits of a made-up model: a few likely tokens and many unlikely ones, as Zipf has it, in another order at every position. */
function logitsAt(position: number): number[] {
  const prime = 151;
  return Array.from(
    { length: prime },
    (_, id) => -(1.2 + 0.3 * (position % 5)) * Math.log(1 + ((id * (position + 3) + 7 * position) % prime)),
  );
}

/** The first token whose running sum of masses reaches the target. */
function firstPast(tokenIds: readonly number[], masses: readonly number[], target: number): number {
  let sum = 0;
  const at = masses.findIndex((mass) => {
    sum += mass;
    return sum >= target;
  });
  return tokenIds[at] ?? 0;
}

describe("noise", () => {
  it("is vLLM's: 560 hashes exactly, and the noise as far as 32-bit floats go", () => {
    let count = 0;
    for (const { seed, pos, hash, gumbel } of vectors.noise) {
      hash.forEach((expected, token) => {
        count += 1;
        const found = gumbelNoise(BigInt(seed), pos, token);
        expect({ seed, pos, token, hash: drawHash(BigInt(seed), pos, token) }).toEqual({ seed, pos, token, hash: expected });
        expect(Math.abs(found - (gumbel[token] ?? Number.NaN))).toBeLessThan(3e-6);
        const small = Number(seed);
        if (Number.isSafeInteger(small)) expect(drawHash(small, pos, token)).toBe(expected);
      });
    }
    expect(count).toBe(560);
  });

  it("draws vLLM's 30 tokens", () => {
    const { vocabulary, cases } = vectors.sampling;
    let count = 0;
    for (const { temperature, seed, pos, token } of cases) {
      token.forEach((expected, row) => {
        count += 1;
        const logits = Array.from({ length: vocabulary }, (_, j) => Math.fround(6 * Math.sin(0.37 * j * (row + 1) + row) - 0.002 * j));
        const rules = readSamplingRules({ temperature });
        // Every seed of the vectors is a safe integer.
        const drawn = drawToken(sorted(logits), { rules, seed: Number(seed[row]), position: pos[row] ?? 0 });
        expect({ temperature, row, drawn }).toEqual({ temperature, row, drawn: expected });
      });
    }
    expect(count).toBe(30);
  });

  it("of SGLang is large where the hash is large, and finite at both ends", () => {
    const values = Array.from({ length: 2000 }, (_, column) => ({ hash: drawHash(9, 4, column), noise: sglangNoise(9, 4, column) }));
    values.sort((a, b) => a.hash - b.hash);
    values.forEach(({ noise }, index) => {
      expect(Number.isFinite(noise)).toBe(true);
      if (index > 0) expect(noise).toBeGreaterThanOrEqual(values[index - 1]?.noise ?? 0);
    });
  });
});

describe("createMersenneTwister", () => {
  it("gives the numbers of the C++ standard: the 10,000th of the default seed is 4123659995", () => {
    const twister = createMersenneTwister(5489);
    const first = Array.from({ length: 5 }, () => twister.nextUint32());
    expect(first).toEqual([3499211612, 581869302, 3890346734, 3586334585, 545404204]);
    for (let index = 5; index < 9999; index += 1) twister.nextUint32();
    expect(twister.nextUint32()).toBe(4123659995);
  });

  it("makes a double of two outputs, the low one first", () => {
    // 0.135477... is what libstdc++ draws first from std::mt19937(5489) with uniform_real_distribution<double>(0, 1).
    expect(createMersenneTwister(5489).nextDouble()).toBeCloseTo((3499211612 + 581869302 * 2 ** 32) / 2 ** 64, 15);
    expect(createMersenneTwister(5489).nextDouble()).toBeCloseTo(0.135477, 7);
  });
});

describe("cutDistances", () => {
  const logits = [0.4, 0.3, 0.16, 0.1, 0.04].map(Math.log);
  const kept = (sampler: SamplerName, request: Readonly<Record<string, number>>, temperature = 1) => {
    const truncation = truncationOf(sampler, readSamplingRules(request));
    const options: CutOptions = { sampler, truncation, temperature, tail: { least: 0, most: 0 } };
    return [...cutDistances({ tokenIds: [0, 1, 2, 3, 4], logits }, options).sure].filter((distance) => distance >= 0).length;
  };

  it("keeps the smallest set that reaches top-p, by all three engines", () => {
    for (const sampler of ["gumbel-murmur3", "gumbel-murmur3-sglang", "llama.cpp"] as const) {
      expect({ sampler, kept: [0.39, 0.41, 0.69, 0.71, 1].map((p) => kept(sampler, { top_p: p, min_p: 0 })) }).toEqual({
        sampler,
        kept: [1, 2, 2, 3, 5],
      });
    }
  });

  it("takes top-p of what top-k leaves, in vLLM and llama.cpp, and of the whole in SGLang", () => {
    // 0.4 and 0.3 of the two that are left are 0.571 and 0.429.
    expect(kept("gumbel-murmur3", { top_k: 2, top_p: 0.55 })).toBe(1);
    expect(kept("llama.cpp", { top_k: 2, top_p: 0.55, min_p: 0 })).toBe(1);
    expect(kept("gumbel-murmur3-sglang", { top_k: 2, top_p: 0.55 })).toBe(2);
  });

  it("takes the temperature first in vLLM and SGLang, and last in llama.cpp", () => {
    // At temperature 0.5 the likeliest has 0.16 of 0.287.
    expect(kept("gumbel-murmur3", { top_p: 0.5 }, 0.5)).toBe(1);
    expect(kept("gumbel-murmur3-sglang", { top_p: 0.5 }, 0.5)).toBe(1);
    expect(kept("llama.cpp", { top_p: 0.5, min_p: 0 }, 0.5)).toBe(2);
    expect(kept("gumbel-murmur3", { min_p: 0.5 }, 0.5)).toBe(2);
    expect(kept("llama.cpp", { min_p: 0.5, top_p: 1 }, 0.5)).toBe(2);
    expect(kept("gumbel-murmur3", { min_p: 0.6 }, 0.5)).toBe(1);
    expect(kept("llama.cpp", { min_p: 0.6, top_p: 1 }, 0.5)).toBe(2);
  });

  it("takes min-p before top-p in vLLM, and after it in SGLang", () => {
    // min-p leaves 0.4 and 0.3; of these 0.4 is 0.571, of the whole it is not yet 0.55.
    expect(kept("gumbel-murmur3", { min_p: 0.5, top_p: 0.55 })).toBe(1);
    expect(kept("gumbel-murmur3-sglang", { min_p: 0.5, top_p: 0.55 })).toBe(2);
  });

  // Whose logits are each off by d nats differ in their differences by 2 d at most.
  it("is never further from a cut than what moves a candidate across it, also where two nearly equal ones come in the other order", () => {
    const noise = 0.01;
    let crossed = 0;
    for (let trial = 0; trial < 3_000; trial += 1) {
      const at = (index: number, salt: number) => gumbelNoise(trial, index, salt);
      const temperature = trial % 2 === 0 ? 1 : 0.7;
      const truncation = { topK: 0, topP: 0.3 + (0.6 * (trial % 61)) / 61, minP: 0 };
      // Few distinct sizes, so that many are nearly equal.
      const exact = Array.from({ length: 10 }, (_, index) => Math.round(at(index, 1)) + 0.01 * Math.sin(at(index, 2)));
      const noisy = exact.map((logit, index) => logit + noise * Math.sin(100 * at(index, 3)));
      const distancesOf = (logitsOf: readonly number[]) => {
        const order = sorted(logitsOf);
        const options: CutOptions = { sampler: "gumbel-murmur3", truncation, temperature, tail: { least: 0, most: 0 } };
        const { sure } = cutDistances(order, options);
        return new Map([...order.tokenIds].map((id, index) => [id, sure[index] ?? Number.NaN]));
      };
      const [before, after] = [distancesOf(exact), distancesOf(noisy)];
      for (const [id, distance] of before) {
        if (distance >= 0 === (after.get(id) ?? Number.NaN) >= 0) continue;
        crossed += 1;
        expect({ trial, id, isNear: Math.abs(distance) <= 2 * noise + 1e-9 }).toEqual({ trial, id, isNear: true });
      }
    }
    expect(crossed).toBeGreaterThan(100);
  });

  it("cuts as llama.cpp's server does by itself where a request does not say", () => {
    expect(kept("llama.cpp", {})).toBe(4); // 0.95 is reached with the fourth
    expect(kept("gumbel-murmur3", {})).toBe(5);
    expect(kept("gumbel-murmur3", { top_k: -1 })).toBe(5);
  });
});

/** An answer as each engine would draw it from the made-up model, all of the vocabulary at hand. */
function honest(sampler: SamplerName, request: Readonly<Record<string, unknown>>, options: { seed: number; length: number }): DrawnAnswer {
  const rules = readSamplingRules(request);
  const { temperature } = rules;
  const promptTokens = [1, 2, 3, 4];
  const truncation = truncationOf(sampler, rules);
  const twister = createMersenneTwister(options.seed);
  const tokens: number[] = [];
  const positions: ScoredPosition[] = [];
  for (let index = 0; index < options.length; index += 1) {
    const raw = logitsAt(index);
    const seen = sampler === "llama.cpp" ? [...promptTokens, ...tokens].slice(-64) : tokens;
    const shifted = raw.map((logit, id) => {
      const count = seen.filter((token) => token === id).length;
      return logit + (rules.logitBias.get(id) ?? 0) - (count > 0 ? count * rules.frequencyPenalty + rules.presencePenalty : 0);
    });
    const all = sorted(shifted);
    const { sure } = cutDistances(all, { sampler, truncation, temperature: temperature || 1, tail: { least: 0, most: 0 } });
    const left = all.tokenIds.filter((_, at) => (sure[at] ?? 0) >= 0);
    const scores = left.map((id, rank) => {
      if (temperature === 0) return -rank;
      const scaled = (shifted[id] ?? 0) / temperature;
      const column = Object.keys(request).some((name) => name === "top_p" || name === "top_k") ? rank : id;
      if (sampler === "gumbel-murmur3") return scaled + gumbelNoise(options.seed, promptTokens.length - 1 + index, id);
      return scaled + sglangNoise(options.seed, promptTokens.length - 1 + index, column);
    });
    let token = left[scores.indexOf(Math.max(...scores))] ?? 0;
    if (sampler === "llama.cpp" && temperature > 0) {
      const masses = left.map((id) => Math.exp(((shifted[id] ?? 0) - (all.logits[0] ?? 0)) / temperature));
      const target = left.length > 1 ? twister.nextDouble() * masses.reduce((sum, mass) => sum + mass, 0) : 0;
      token = firstPast(left, masses, target);
    }
    positions.push(positionOf(raw, token));
    tokens.push(token);
  }
  return { positions, promptTokens, sampler, rules, seed: options.seed };
}

const penalised = { temperature: 0.9, frequency_penalty: 0.8, presence_penalty: 0.4, logit_bias: { "7": 3, "11": -100 } };
const requests: readonly Readonly<Record<string, unknown>>[] = [
  { temperature: 1 },
  { temperature: 0.7 },
  { temperature: 1.4 },
  { temperature: 0.8, top_p: 0.9 },
  { temperature: 1, top_k: 5 },
  { temperature: 1.2, top_k: 12, top_p: 0.8, min_p: 0.11 },
];

describe("measureDraws", () => {
  it.each(["gumbel-murmur3", "gumbel-murmur3-sglang", "llama.cpp"] as const)("finds no distance in honest draws of %s", (sampler) => {
    for (const request of requests) {
      for (const seed of [1, 77, 2 ** 31 - 1]) {
        const margins = measureDraws(honest(sampler, request, { seed, length: 40 })) ?? [];
        expect({ request, seed, count: margins.length, largest: Math.max(...margins) < 1e-9 }).toEqual({
          request,
          seed,
          count: 40,
          largest: true,
        });
      }
    }
  });

  it.each(["gumbel-murmur3", "gumbel-murmur3-sglang", "llama.cpp"] as const)(
    "tells another seed, temperature and sampler from %s",
    (sampler) => {
      const answer = honest(sampler, { temperature: 1 }, { seed: 5, length: 60 });
      const mean = (changed: Partial<DrawnAnswer>) => {
        const margins = measureDraws({ ...answer, ...changed }) ?? [];
        return margins.reduce((sum, margin) => sum + margin, 0) / margins.length;
      };
      expect(mean({})).toBeLessThan(1e-9);
      expect(mean({ seed: 6 })).toBeGreaterThan(0.3);
      expect(mean({ promptTokens: [1, 2, 3] })).toBeGreaterThan(sampler === "llama.cpp" ? -1 : 0.3);
      expect(mean({ rules: readSamplingRules({ temperature: 0.5 }) })).toBeGreaterThan(0.02);
      for (const other of ["gumbel-murmur3", "gumbel-murmur3-sglang", "llama.cpp"] as const) {
        if (other !== sampler) expect(mean({ sampler: other })).toBeGreaterThan(0.3);
      }
    },
  );

  it("finds an ignored top-p by the tokens that it would have cut", () => {
    const loose = honest("gumbel-murmur3", { temperature: 1.3 }, { seed: 8, length: 80 });
    const margins = measureDraws({ ...loose, rules: readSamplingRules({ temperature: 1.3, top_p: 0.5 }) }) ?? [];
    expect(margins.filter((margin) => margin > 0.2).length).toBeGreaterThan(5);
  });

  it("follows penalties and biases, but for llama.cpp's running sum", () => {
    for (const sampler of ["gumbel-murmur3", "gumbel-murmur3-sglang"] as const) {
      const answer = honest(sampler, penalised, { seed: 4, length: 60 });
      expect(Math.max(...(measureDraws(answer) ?? [9]))).toBeLessThan(1e-9);
      const ignored = { ...answer, rules: readSamplingRules({ temperature: 0.9 }) };
      expect(Math.max(...(measureDraws(ignored) ?? []))).toBeGreaterThan(0.5);
    }
    const greedy = honest("llama.cpp", { ...penalised, temperature: 0 }, { seed: 4, length: 80 });
    expect(Math.max(...(measureDraws(greedy) ?? [9]))).toBeLessThan(1e-9);
    expect(measureDraws({ ...greedy, rules: readSamplingRules(penalised) })).toBeNull();
  });

  it("moves with the logits: noise of a hundredth of a nat makes distances of that size", () => {
    for (const sampler of ["gumbel-murmur3", "gumbel-murmur3-sglang", "llama.cpp"] as const) {
      for (const request of requests) {
        const answer = honest(sampler, request, { seed: 3, length: 60 });
        const positions = answer.positions.map((position, index) => {
          const noisy = logitsAt(index).map((logit, id) => logit + 0.01 * Math.sin(1000 * id + index));
          return positionOf(noisy, position.tokenId);
        });
        const margins = measureDraws({ ...answer, positions }) ?? [];
        expect({ sampler, request, largest: Math.max(...margins) < 0.15 }).toEqual({ sampler, request, largest: true });
      }
    }
  });

  it("judges temperature 0 by the likeliest token, whatever the sampler", () => {
    const answer = honest("gumbel-murmur3", { temperature: 0 }, { seed: 1, length: 10 });
    for (const sampler of ["gumbel-murmur3", "gumbel-murmur3-sglang", "llama.cpp", "unknown"] as const) {
      expect(measureDraws({ ...answer, sampler })).toEqual(Array.from({ length: 10 }, () => 0));
    }
    const second = sorted(logitsAt(0)).tokenIds[1] ?? 0;
    const [margin] = measureDraws({ ...answer, positions: [positionOf(logitsAt(0), second)] }) ?? [];
    const [first = 0, next = 0] = sorted(logitsAt(0)).logits;
    expect(margin).toBeCloseTo(first - next, 9);
  });

  it("stays aligned with llama.cpp where one candidate is left, whether it draws a number there or not", () => {
    // Peaked: top-p leaves one candidate at most positions.
    const rules = readSamplingRules({ temperature: 1, top_p: 0.6 });
    for (const drawsAlways of [true, false]) {
      const twister = createMersenneTwister(12);
      const positions = Array.from({ length: 50 }, (_, index) => {
        const logits = logitsAt(index).map((logit) => logit * (index % 3 === 0 ? 1 : 40));
        const all = sorted(logits);
        const { sure } = cutDistances(all, {
          sampler: "llama.cpp",
          truncation: truncationOf("llama.cpp", rules),
          temperature: 1,
          tail: { least: 0, most: 0 },
        });
        const left = all.tokenIds.filter((_token, at) => (sure[at] ?? 0) >= 0);
        const masses = left.map((id) => Math.exp((logits[id] ?? 0) - (all.logits[0] ?? 0)));
        const drawn = left.length > 1 || drawsAlways ? twister.nextDouble() : 0;
        const target = drawn * masses.reduce((sum, mass) => sum + mass, 0);
        return positionOf(logits, firstPast(left, masses, target));
      });
      const margins = measureDraws({ positions, promptTokens: [1], sampler: "llama.cpp", rules, seed: 12 }) ?? [];
      expect({ drawsAlways, largest: Math.max(...margins) }).toEqual({ drawsAlways, largest: 0 });
    }
  });

  it("does not pretend to know what it cannot", () => {
    const answer = honest("gumbel-murmur3", { temperature: 1 }, { seed: 1, length: 3 });
    expect(measureDraws({ ...answer, sampler: "unknown" })).toBeNull();
    for (const request of [
      { repetition_penalty: 1.1 },
      { response_format: { type: "json_object" } },
      { min_tokens: 4 },
      { ignore_eos: true },
    ]) {
      expect(measureDraws({ ...answer, rules: readSamplingRules({ temperature: 1, ...request }) })).toBeNull();
    }
  });

  it("is finite and within its bounds for any position", () => {
    const logprob = fc.double({ min: -60, max: 0, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(fc.array(logprob, { minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 6 }),
        logprob,
        fc.constantFrom<SamplerName>("gumbel-murmur3", "gumbel-murmur3-sglang", "llama.cpp", "unknown"),
        fc.record({
          temperature: fc.double({ min: 0, max: 2, noNaN: true }),
          top_p: fc.double({ min: 0, max: 1, noNaN: true }),
          top_k: fc.integer({ min: -1, max: 60 }),
          min_p: fc.double({ min: 0, max: 1, noNaN: true }),
        }),
        (lists, own, sampler, request) => {
          const positions = lists.map((list, index) => {
            const best = [...list].sort((a, b) => b - a);
            return { tokenId: index % 30, logprob: own, rank: 25, bestIds: best.map((_, id) => id), bestLogprobs: best };
          });
          const answer = { positions, promptTokens: [1], sampler, rules: readSamplingRules(request), seed: 4 };
          for (const margin of measureDraws(answer) ?? []) expect(margin >= 0 && margin <= MAX_MARGIN_NATS).toBe(true);
          const { excessNats, variance } = measureSurprise(answer);
          expect(Number.isFinite(excessNats) && variance >= -1e-9).toBe(true);
        },
      ),
    );
  });
});

describe("measureSurprise", () => {
  const total = (drawnAt: number, claimedAt: number) => {
    const rules = readSamplingRules({ temperature: drawnAt });
    const positions = Array.from({ length: 600 }, (_, position) => {
      const logits = logitsAt(position);
      return positionOf(logits, drawToken(sorted(logits), { rules, seed: 21, position }));
    });
    const claimed = readSamplingRules({ temperature: claimedAt });
    const { excessNats, variance } = measureSurprise({ positions, promptTokens: [1], sampler: "unknown", rules: claimed });
    return excessNats / Math.sqrt(variance);
  };

  it("is a standard score for honest draws, and far from it at another temperature", () => {
    expect(Math.abs(total(1, 1))).toBeLessThan(3.5);
    expect(Math.abs(total(0.7, 0.7))).toBeLessThan(3.5);
    expect(total(0.7, 1)).toBeLessThan(-5);
    expect(total(1, 0.7)).toBeGreaterThan(5);
  });

  it("counts what truncation would have cut", () => {
    const answer = honest("gumbel-murmur3", { temperature: 1 }, { seed: 2, length: 60 });
    expect(measureSurprise(answer).unsupported).toBe(0);
    expect(measureSurprise({ ...answer, rules: readSamplingRules({ temperature: 1, top_p: 0.3 }) }).unsupported).toBeGreaterThan(10);
  });
});
