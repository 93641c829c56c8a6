import type { KeyLimits } from "@vision/protocol";
import { type FormEvent, useState } from "react";

/** As `vision-validator keys create` has them. */
const defaults: KeyLimits = { requestsPerMinute: 60, tokensPerMinute: null, concurrentRequests: 32 };

type Entered = Readonly<Record<keyof KeyLimits, string>>;

const fields = [
  { name: "requestsPerMinute", label: "Requests a minute" },
  { name: "tokensPerMinute", label: "Tokens a minute (empty: any)" },
  { name: "concurrentRequests", label: "Requests at a time" },
] as const;

/** Name and limits of a new key, or the limits of one that exists. */
export function KeyForm({
  edited,
  isBusy,
  onSubmit,
  onCancel,
}: {
  readonly edited?: KeyLimits & { readonly name: string };
  readonly isBusy: boolean;
  onSubmit(name: string, limits: KeyLimits): void;
  onCancel?: () => void;
}) {
  const { requestsPerMinute, tokensPerMinute, concurrentRequests } = edited ?? defaults;
  const [name, setName] = useState("");
  const [entered, setEntered] = useState<Entered>({
    ...{ requestsPerMinute: String(requestsPerMinute), concurrentRequests: String(concurrentRequests) },
    tokensPerMinute: tokensPerMinute === null ? "" : String(tokensPerMinute),
  });

  function submit(event: FormEvent): void {
    event.preventDefault();
    onSubmit(name, {
      ...{ requestsPerMinute: Number(entered.requestsPerMinute), concurrentRequests: Number(entered.concurrentRequests) },
      tokensPerMinute: entered.tokensPerMinute === "" ? null : Number(entered.tokensPerMinute),
    });
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
              min={1}
              max={1_000_000_000}
              required={field.name !== "tokensPerMinute"}
              value={entered[field.name]}
              onChange={({ target }) => setEntered({ ...entered, [field.name]: target.value })}
            />
          </label>
        ))}
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
