import { Bar } from "../components/bar.js";
import { MinerName } from "../components/miner-name.js";
import { ScrollTable } from "../components/scroll-table.js";
import { Stat } from "../components/stat.js";
import { Failure, Loading } from "../components/states.js";
import { useChain } from "../data/queries.js";
import { linkTo } from "../data/routes.js";
import { formatCount, formatFactor, formatPercent, formatRao, formatTime } from "../format/format.js";

const PPM = 1_000_000;

function readBackNote(lastSet: { readonly includedAtBlock: number | null; readonly isReadBack: boolean } | null): string {
  if (lastSet === null) return "none handed over yet";
  const block = lastSet.includedAtBlock === null ? "" : ` in block ${formatCount(lastSet.includedAtBlock)}`;
  return lastSet.isReadBack ? `set${block}, read back ✓` : `handed over${block}, the chain holds others`;
}

/** The subnet on the chain: what we set, what came of it, and the votes. */
export default function ChainPage() {
  const { data, isPending, isError, error } = useChain();
  if (isPending) return <Loading />;
  if (isError) return <Failure error={error} missing="The chain has not been read yet." />;
  const ours = new Map(data.weights.map(({ uid, weightU16 }) => [uid, weightU16]));
  const total = data.weights.reduce((sum, { weightU16 }) => sum + weightU16, 0);
  const own = data.neurons.find(({ uid }) => uid === data.validatorUid);
  const tasks = Object.entries(data.votes.outcomePpm).sort((a, b) => b[1] - a[1]);
  const ballots = [...data.votes.ballots].sort((a, b) => (BigInt(b.stakeRao) > BigInt(a.stakeRao) ? 1 : -1));
  return (
    <>
      <h1>
        Chain{" "}
        <span className="aside">
          subnet {data.netuid}, as read at {formatTime(data.atMs)}
        </span>
      </h1>
      <dl className="stats">
        <Stat
          label="Block"
          value={formatCount(data.blockNumber)}
          note={`epoch of ${data.tempoBlocks} blocks, the next at ${formatCount(data.nextEpochBlock)}`}
        />
        <Stat
          label="Our weights"
          value={`for ${data.weights.length} ${data.weights.length === 1 ? "miner" : "miners"}`}
          note={readBackNote(data.lastSet)}
        />
        <Stat
          label="This validator"
          value={data.validatorUid === null ? "not registered" : `uid ${data.validatorUid}`}
          note={
            own === undefined
              ? undefined
              : own.hasValidatorPermit
                ? `permit, vtrust ${own.validatorTrustFraction === null ? "–" : formatFactor(own.validatorTrustFraction)}, dividends ${formatFactor(own.dividendsFraction)}`
                : "no permit"
          }
        />
        <Stat
          label="Commits to be revealed"
          value={data.pendingCommits.length}
          note={data.pendingCommits.map(({ revealBlock }) => `at block ${formatCount(revealBlock)}`).join(", ") || "none"}
        />
      </dl>
      <section className="panel">
        <h2>Neurons</h2>
        <ScrollTable label="Neurons of the subnet">
          <thead>
            <tr>
              <th scope="col" className="number">
                UID
              </th>
              <th scope="col">Hotkey</th>
              <th scope="col">Our weight</th>
              <th scope="col">Consensus</th>
              <th scope="col">Incentive</th>
              <th scope="col" className="number">
                <abbr title="Validator trust: how far its weights agree with consensus">Vtrust</abbr>
              </th>
              <th scope="col" className="number">
                Dividends
              </th>
              <th scope="col" className="number">
                Emission α
              </th>
              <th scope="col" className="number">
                Stake
              </th>
              <th scope="col" className="number">
                Last update
              </th>
            </tr>
          </thead>
          <tbody>
            {data.neurons.map((neuron) => {
              const weight = (ours.get(neuron.uid) ?? 0) / Math.max(1, total);
              return (
                <tr key={neuron.uid}>
                  <td className="number quiet">{neuron.uid}</td>
                  <th scope="row">
                    {neuron.uid === data.validatorUid ? "this validator" : <MinerName hotkey={neuron.hotkey} />}
                    {neuron.hasValidatorPermit && <span className="chip">permit</span>}
                  </th>
                  <td className="with-bar">
                    <Bar fraction={weight} />
                    {formatPercent(weight)}
                  </td>
                  <td className="with-bar">
                    <Bar fraction={neuron.consensusFraction} tone="quiet" />
                    {formatPercent(neuron.consensusFraction)}
                  </td>
                  <td className="with-bar">
                    <Bar fraction={neuron.incentiveFraction} tone="ok" />
                    {formatPercent(neuron.incentiveFraction)}
                  </td>
                  <td className="number">{neuron.validatorTrustFraction === null ? "–" : formatFactor(neuron.validatorTrustFraction)}</td>
                  <td className="number">{formatFactor(neuron.dividendsFraction)}</td>
                  <td className="number">{formatRao(neuron.emissionRao)}</td>
                  <td className="number">{formatRao(neuron.stakeRao)}</td>
                  <td className="number quiet">{formatCount(neuron.lastUpdateBlock)}</td>
                </tr>
              );
            })}
          </tbody>
        </ScrollTable>
      </section>
      <section className="panel">
        <h2>
          Votes on the tasks' weights <span className="aside">by stake; who has no vote counts with the default</span>
        </h2>
        <ScrollTable label="Votes on the tasks' weights">
          <thead>
            <tr>
              <th scope="col">Validator</th>
              <th scope="col">Counts with</th>
              <th scope="col" className="number">
                Stake
              </th>
              {tasks.map(([taskId]) => (
                <th key={taskId} scope="col" className="number">
                  <a href={linkTo("tasks", taskId)}>{taskId}</a>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            <tr>
              <th scope="row">Outcome</th>
              <td />
              <td />
              {tasks.map(([taskId, ppm]) => (
                <td key={taskId} className="number">
                  <strong>{formatPercent(ppm / PPM)}</strong>
                </td>
              ))}
            </tr>
            {ballots.map(({ hotkey, source, stakeRao, weightsPpm }) => (
              <tr key={hotkey}>
                <th scope="row">{hotkey === data.validatorHotkey ? "this validator" : <MinerName hotkey={hotkey} />}</th>
                <td>{source === "vote" ? "its vote" : "the default"}</td>
                <td className="number">{formatRao(stakeRao)}</td>
                {tasks.map(([taskId]) => (
                  <td key={taskId} className="number">
                    {formatPercent((weightsPpm[taskId] ?? 0) / PPM)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </ScrollTable>
      </section>
    </>
  );
}
