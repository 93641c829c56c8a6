import { type KeyLimits, MOST_BUDGET_UNITS } from "@vision/protocol";
import { type FormEvent, useState } from "react";

/** As `vision-validator keys create` has them. */
const defaults: KeyLimits = { requestsPerMinute: 60, tokensPerMinute: null, concurrentRequests: 32, monthlyUnits: null };

type Entered = Readonly<Record<keyof KeyLimits, string>>;

const fields = [
  { name: "requestsPerMinute", label: "Requests a minute", min: 1, max: 1_000_000_000, isOptional: false },
  { name: "tokensPerMinute", label: "Tokens a minute (empty: any)", min: 1, max: 1_000_000_000, isOptional: true },
  { name: "concurrentRequests", label: "Requests at a time", min: 1, max: 1_000_000_000, isOptional: false },
  { name: "monthlyUnits", label: "Units a month (empty: any)", min: 0, max: MOST_BUDGET_UNITS, isOptional: true },
] as const;

const shown = (limit: number | null | undefined) => (limit === null || limit === undefined ? "" : String(limit));
const entry = (text: string) => (text === "" ? null : Number(text));

/** Name and limits of a new key, or the limits of one that exists. */
export function KeyForm({
  edited,
  isBusy,
  onSubmit,
  onCancel,
}: {
  readonly edited?: KeyLimits & { readonly name: string };
  readonly isBusy: boolean;
  /** `creditUnits` is null where nothing need be paid in advance, and for a key that exists. */
  onSubmit(name: string, limits: KeyLimits, creditUnits: number | null): void;
  onCancel?: () => void;
}) {
  const { requestsPerMinute, tokensPerMinute, concurrentRequests, monthlyUnits } = edited ?? defaults;
  const [name, setName] = useState("");
  const [credit, setCredit] = useState("");
  const [entered, setEntered] = useState<Entered>({
    ...{ requestsPerMinute: shown(requestsPerMinute), concurrentRequests: shown(concurrentRequests) },
    ...{ tokensPerMinute: shown(tokensPerMinute), monthlyUnits: shown(monthlyUnits) },
  });

  function submit(event: FormEvent): void {
    event.preventDefault();
    const limits = {
      ...{ requestsPerMinute: Number(entered.requestsPerMinute), concurrentRequests: Number(entered.concurrentRequests) },
      ...{ tokensPerMinute: entry(entered.tokensPerMinute), monthlyUnits: entry(entered.monthlyUnits) },
    };
    onSubmit(name, limits, entry(credit));
  }
  return (
    <form onSubmit={submit} aria-label={edited === undefined ? "New key" : `Limits of ${edited.name}`}>
      <h3>{edited === undefined ? "New key" : `Limits of ${edited.name}`}</h3>
      <div className="row">
        {edited === undefined && (
          <label>
            Name
            <input required maxLength={128} value={name} onChange={({ target }) => setName(target.value)} />
          </label>
        )}
        {fields.map((field) => (
          <label key={field.name}>
            {field.label}
            <input
              type="number"
              min={field.min}
              max={field.max}
              required={!field.isOptional}
              value={entered[field.name]}
              onChange={({ target }) => setEntered({ ...entered, [field.name]: target.value })}
            />
          </label>
        ))}
        {edited === undefined && (
          <label>
            Credit, units (empty: not needed)
            <input type="number" min={0} max={MOST_BUDGET_UNITS} value={credit} onChange={({ target }) => setCredit(target.value)} />
          </label>
        )}
        <button type="submit" className="primary" disabled={isBusy}>
          {edited === undefined ? "Make the key" : "Change the limits"}
        </button>
        {onCancel !== undefined && (
          <button type="button" onClick={onCancel}>
            Cancel
          </button>
        )}
      </div>
    </form>
  );
}
