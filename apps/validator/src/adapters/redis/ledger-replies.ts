import { z } from "zod";

/** Redis has no fractions of its own: the scripts say them as text. */
const numberText = z.string().transform(Number).pipe(z.number());
const pairs = z.array(z.string()).transform((list) => {
  const found = new Map<string, string>();
  for (let at = 0; at + 1 < list.length; at += 2) found.set(list[at] ?? "", list[at + 1] ?? "");
  return found;
});

/** Of a script that takes or gives back; null where Redis does not know the process. */
const changeSchema = z
  .tuple([z.union([z.literal(0), z.literal(1)]), numberText, numberText, numberText])
  .transform(([isTaken, othersUnits, paceLeftMs, othersRequests]) => ({
    isTaken: isTaken === 1,
    ...{ othersUnits, paceLeftMs, othersRequests },
  }))
  .nullable();

const lookSchema = z
  .tuple([z.int().min(1), pairs, pairs, pairs, pairs])
  .transform(([processes, taken, paceLeftMs, requests, own]) => ({ processes, taken, paceLeftMs, requests, own }))
  .nullable();

/** What came of taking or giving back, and what others have of the same account. */
type LedgerChange = z.output<typeof changeSchema>;

/** All that is taken, as Redis' fields hold it. */
type LedgerSight = z.output<typeof lookSchema>;

/** Reads the reply to a process that joins. Throws at anything else. */
export const parseJoined = (reply: unknown): number => z.union([z.literal(0), z.literal(1)]).parse(reply);

/** Reads the reply to a change. Throws at anything else. */
export const parseChange = (reply: unknown): LedgerChange => changeSchema.parse(reply);

/** Reads the reply to a look. Throws at anything else. */
export const parseSight = (reply: unknown): LedgerSight => lookSchema.parse(reply);
