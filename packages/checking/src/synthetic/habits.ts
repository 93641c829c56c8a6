import type { Random } from "@vision/scoring/probing";
import { drawSystemText } from "./phrases.js";

/** What the applications behind a validator's users always say: it comes again with other questions. */
export type Habits = {
  /** Instructions, those of the most used application first. */
  readonly systemTexts: readonly string[];
};

const APPLICATIONS = 16;

/** Habits of a validator of its own. Drawn once and kept, because that is what makes them habits. */
export function drawHabits(random: Random): Habits {
  return { systemTexts: Array.from({ length: APPLICATIONS }, () => drawSystemText(random)) };
}

const KNOWN_FRACTION = 0.8;

/** Instructions: mostly those of a known application, and of the first ones most often. */
export function drawHabitualSystemText(random: Random, { systemTexts }: Habits): string {
  const known = random.next() < KNOWN_FRACTION ? systemTexts[Math.floor(systemTexts.length * random.next() ** 2)] : undefined;
  return known ?? drawSystemText(random);
}
