import type { OperatorReport } from "@vision/protocol";
import { ScrollTable } from "../components/scroll-table.js";
import { SecretField } from "../components/secret-field.js";
import { Failure } from "../components/states.js";
import { useOperator } from "../data/queries.js";
import { useSecret } from "../data/secrets.js";
import { formatCount, formatUnits } from "../format/format.js";
import { OperatorKeys } from "./operator-keys.js";

const deeds = {
  created: "made",
  limitsChanged: "limits changed",
  creditAdded: "credit added",
  creditEnded: "good without credit",
  sharingBegun: "shares requests",
  sharingEnded: "no longer shares requests",
  revoked: "revoked",
} as const;

/** What happened, the newest first: when, and the cells of each row. */
function Log({
  label,
  columns,
  rows,
}: {
  readonly label: string;
  readonly columns: readonly string[];
  readonly rows: readonly { readonly atMs: number; readonly cells: readonly { readonly text: string; readonly isCode?: boolean }[] }[];
}) {
  return (
    <ScrollTable label={label}>
      <thead>
        <tr>
          {columns.map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ atMs, cells }, index) => (
          <tr key={rows.length - index}>
            <th scope="row">{new Date(atMs).toISOString().slice(0, 19).replace("T", " ")}</th>
            {cells.map(({ text, isCode }, column) => (
              <td key={columns[column + 1]} className={isCode === true ? "mono" : undefined}>
                {text}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </ScrollTable>
  );
}

function limitsOf(change: OperatorReport["changes"][number]): string {
  const { requestsPerMinute, tokensPerMinute, concurrentRequests, monthlyUnits } = change;
  const tokens = tokensPerMinute === null ? "any number of" : formatCount(tokensPerMinute);
  const month = monthlyUnits === null ? "" : `, ${formatUnits(monthlyUnits)} units a month`;
  return `${formatCount(requestsPerMinute)} requests and ${tokens} tokens a minute, ${formatCount(concurrentRequests)} at a time${month}`;
}

function Changes({ report: { changes, keys } }: { readonly report: OperatorReport }) {
  if (changes.length === 0) return <p className="quiet">No key was made, changed or revoked yet.</p>;
  const names = new Map(keys.map(({ id, name, prefix }) => [id, `${name} (${prefix}…)`]));
  return (
    <Log
      label="Log of changes"
      columns={["When (UTC)", "What", "Key", "Limits after it", "Who"]}
      rows={changes.map((change) => {
        const { atMs, what, keyId, who, creditUnits, reference } = change;
        const credit = creditUnits === null ? "" : `: ${formatUnits(creditUnits)} units${reference === null ? "" : ` (${reference})`}`;
        return { atMs, cells: [`${deeds[what]}${credit}`, names.get(keyId) ?? keyId, limitsOf(change), who].map((text) => ({ text })) };
      })}
    />
  );
}

const told = (value: unknown) => (value === null || value === undefined ? "not set" : JSON.stringify(value));

function SettingsChanges({ changes }: { readonly changes: OperatorReport["settingsChanges"] }) {
  if (changes.length === 0) return <p className="quiet">No start found a setting changed yet.</p>;
  return (
    <Log
      label="Changes of settings"
      columns={["Found at (UTC)", "Setting", "Before", "After", "Version"]}
      rows={changes.map(({ atMs, setting, before, after, version }) => ({
        atMs,
        cells: [...[setting, told(before), told(after)].map((text) => ({ text, isCode: true })), { text: version }],
      }))}
    />
  );
}

/** For whoever runs the validator: keys, what each used, what was done with them, and the settings in force. */
export default function OperatorPage() {
  const token = useSecret("operator");
  const { data, isError, error } = useOperator(token);
  return (
    <>
      <h1>Operator</h1>
      <section className="panel">
        <SecretField secret="operator" />
        {isError && (
          <Failure
            error={error}
            missing="This validator's operator has not switched this on: its setting gateway.operatorToken is not set."
          />
        )}
      </section>
      {data !== undefined && !isError && (
        <>
          <OperatorKeys keys={data.keys} token={token} />
          <section className="panel">
            <h2>
              Log of changes <span className="aside">the newest 200</span>
            </h2>
            <Changes report={data} />
          </section>
          <section className="panel">
            <h2>
              Changes of settings <span className="aside">found at starts, the newest 200; of a secret only whether it is set</span>
            </h2>
            <SettingsChanges changes={data.settingsChanges} />
          </section>
          <section className="panel">
            <h2>
              Settings in force <span className="aside">as the validator was started; secrets are hidden</span>
            </h2>
            <section className="scroll tall" aria-label="Settings in force" tabIndex={0}>
              <pre>{JSON.stringify(data.settings, null, 2)}</pre>
            </section>
          </section>
        </>
      )}
    </>
  );
}
