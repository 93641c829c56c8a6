import { MOST_BUDGET_UNITS } from "@vision/protocol";
import { type FormEvent, useState } from "react";

/** Adds to what is paid for of a key, or says that nothing need be. */
export function CreditForm({
  name,
  hasCredit,
  isBusy,
  onAdd,
  onEnd,
}: {
  readonly name: string;
  readonly hasCredit: boolean;
  readonly isBusy: boolean;
  onAdd(units: number, reference: string): void;
  onEnd(): void;
}) {
  const [units, setUnits] = useState("");
  const [reference, setReference] = useState("");

  function submit(event: FormEvent): void {
    event.preventDefault();
    onAdd(Number(units), reference.trim());
  }
  return (
    <form onSubmit={submit} aria-label={`Credit of ${name}`}>
      <h3>Credit of {name}</h3>
      {!hasCredit && <p className="quiet">With the first credit the key is good for no more work units than are paid for.</p>}
      <div className="row">
        <label>
          Work units paid for
          <input
            type="number"
            required
            min={-MOST_BUDGET_UNITS}
            max={MOST_BUDGET_UNITS}
            value={units}
            onChange={({ target }) => setUnits(target.value)}
          />
        </label>
        <label>
          Payment's name (counts once)
          <input maxLength={128} value={reference} onChange={({ target }) => setReference(target.value)} />
        </label>
        <button type="submit" className="primary" disabled={isBusy}>
          Add the credit
        </button>
        {hasCredit && (
          <button type="button" disabled={isBusy} onClick={onEnd}>
            Good without credit
          </button>
        )}
      </div>
    </form>
  );
}
