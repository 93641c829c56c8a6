import type { OperatorReport } from "@vision/protocol";
import { useState } from "react";
import { ScrollTable } from "../components/scroll-table.js";
import { type KeyOrder, useKeyOrder } from "../data/operator.js";
import { formatCount, formatUnits } from "../format/format.js";
import { CreditForm } from "./credit-form.js";
import { KeyForm } from "./key-form.js";

type Key = OperatorReport["keys"][number];

const date = (atMs: number | null) => (atMs === null ? "never" : new Date(atMs).toISOString().slice(0, 16).replace("T", " "));
const columns = [
  "Requests / min",
  "Tokens / min",
  "At a time",
  "Units this month",
  "Credit left",
  "Requests",
  "Errors",
  "Prompt tokens",
  "Delivered",
];

function ofMonth({ chargedThisMonthUnits, monthlyUnits }: Key): string {
  const charged = formatUnits(chargedThisMonthUnits);
  return monthlyUnits === null ? charged : `${charged} of ${formatUnits(monthlyUnits)}`;
}

function KeyRow({ apiKey, onEdit, onOrder }: { readonly apiKey: Key; readonly onEdit: () => void; onOrder(order: KeyOrder): void }) {
  const { id, name, prefix, tokensPerMinute } = apiKey;
  // Asked for twice: what was sold with it ends at once.
  const [isSure, setSure] = useState(false);
  const numbers = [
    ...[formatCount(apiKey.requestsPerMinute), tokensPerMinute === null ? "any" : formatCount(tokensPerMinute)],
    ...[
      formatCount(apiKey.concurrentRequests),
      ofMonth(apiKey),
      apiKey.creditLeftUnits === null ? "-" : formatUnits(apiKey.creditLeftUnits),
    ],
    ...[apiKey.requests, apiKey.errors].map(formatCount),
    ...[apiKey.promptTokens, apiKey.units].map(formatUnits),
  ];
  return (
    <tr>
      <th scope="row">
        {name} <span className="quiet mono">{prefix}…</span>
        {apiKey.revokedAtMs !== null && <span className="chip bad">revoked</span>}
      </th>
      {numbers.map((text, index) => (
        <td key={columns[index]} className="number">
          {text}
        </td>
      ))}
      <td>{date(apiKey.lastUsedAtMs)}</td>
      <td>
        {apiKey.revokedAtMs === null && (
          <>
            <button type="button" className="plain" aria-label={`Change the limits of ${name}`} onClick={onEdit}>
              Limits
            </button>
            <button
              type="button"
              className="plain"
              aria-label={isSure ? `Yes, revoke ${name}` : `Revoke ${name}`}
              onBlur={() => setSure(false)}
              onClick={() => (isSure ? onOrder({ do: "revoke", id }) : setSure(true))}
            >
              {isSure ? "Really revoke?" : "Revoke"}
            </button>
          </>
        )}
      </td>
    </tr>
  );
}

/** Keys with their limits and budgets and what each used, and forms to make, change, pay for and end them. */
export function OperatorKeys({ keys, token }: { readonly keys: readonly Key[]; readonly token: string }) {
  const [editedId, setEditedId] = useState<string | null>(null);
  const order = useKeyOrder(token);
  const edited = keys.find(({ id, revokedAtMs }) => id === editedId && revokedAtMs === null);
  return (
    <section className="panel">
      <h2>
        Keys <span className="aside">used in the last 30 days; times in UTC</span>
      </h2>
      {keys.length > 0 && (
        <ScrollTable label="Keys and what they used">
          <thead>
            <tr>
              <th scope="col">Key</th>
              {columns.map((name) => (
                <th key={name} scope="col" className="number">
                  {name}
                </th>
              ))}
              <th scope="col">Last used</th>
              <th scope="col">Do</th>
            </tr>
          </thead>
          <tbody>
            {keys.map((key) => (
              <KeyRow key={key.id} apiKey={key} onEdit={() => setEditedId(key.id)} onOrder={order.mutate} />
            ))}
          </tbody>
        </ScrollTable>
      )}
      {edited === undefined ? (
        <KeyForm
          key={`new ${keys.length}`}
          isBusy={order.isPending}
          onSubmit={(name, limits, creditUnits) => order.mutate({ do: "create", name, limits, creditUnits })}
        />
      ) : (
        <>
          <KeyForm
            key={edited.id}
            edited={edited}
            isBusy={order.isPending}
            onCancel={() => setEditedId(null)}
            onSubmit={(_, limits) => order.mutate({ do: "change", id: edited.id, limits }, { onSuccess: () => setEditedId(null) })}
          />
          <CreditForm
            key={`credit of ${edited.id}`}
            name={edited.name}
            hasCredit={edited.creditLeftUnits !== null}
            isBusy={order.isPending}
            onAdd={(units, reference) =>
              order.mutate({ do: "credit", id: edited.id, units, reference }, { onSuccess: () => setEditedId(null) })
            }
            onEnd={() => order.mutate({ do: "credit", id: edited.id, units: null }, { onSuccess: () => setEditedId(null) })}
          />
        </>
      )}
      {order.isError && (
        <p className="notice bad" role="alert">
          {order.error.message}
        </p>
      )}
      {typeof order.data === "string" && (
        <p className="notice ok break" role="status">
          <strong>The new key, shown only now:</strong> <code>{order.data}</code>
        </p>
      )}
    </section>
  );
}
